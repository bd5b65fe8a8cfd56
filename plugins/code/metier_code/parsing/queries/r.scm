(binary_operator
  lhs: [(identifier) (string) (namespace_operator)] @name
  operator: ["<-" "=" "<<-"]
  rhs: (function_definition body: (_) @body)) @definition.function
(binary_operator
  lhs: (extract_operator lhs: (_) @name rhs: (_) @name)
  operator: ["<-" "=" "<<-"]
  rhs: (function_definition body: (_) @body)) @definition.function
; S7: method(area, Circle) <- function(x) ...
(binary_operator
  lhs: (call
    function: (identifier) @_method
    arguments: (arguments . (argument value: (_) @name) (argument value: (_) @receiver)))
  rhs: (function_definition body: (_) @body)
  (#eq? @_method "method")) @definition.method

; S4
(call function: (identifier) @_function
  arguments: (arguments .
    (argument value: (string) @name)
    (argument value: [
      (string) @receiver
      (call arguments: (arguments . (argument value: (string) @receiver)))])
    (argument value: (function_definition body: (_) @body)))
  (#any-of? @_function "setMethod" "setReplaceMethod")) @definition.method
(call function: (identifier) @_function
  arguments: (arguments .
    (argument value: (string) @name)
    (argument value: (function_definition body: (_) @body)))
  (#any-of? @_function "setMethod" "setReplaceMethod" "setGeneric" "setValidity")) @definition.function

; classes of R6, reference classes and S4
(call function: [(identifier) (namespace_operator)] @_function
  arguments: (arguments . (argument value: (string) @name)) @body
  (#match? @_function "^(R6::)?(R6Class|setRefClass|setClass|new_class|ggproto)$")) @definition.class
(argument name: (_) @name value: (function_definition body: (_) @body)) @definition.function

; testthat
(call function: (_) @callee
  arguments: (arguments . (argument value: (string) @argument)
    (argument value: (braced_expression) @callback)) @arguments
  (#match? @callee "^(testthat::)?describe$")) @scope.group
(call function: (_) @callee
  arguments: (arguments . (argument value: (string) @argument)
    (argument value: (braced_expression) @callback @block)) @arguments
  (#match? @callee "^(testthat::)?(test_that|it|test)$")) @definition.test
(call function: (_) @callee
  arguments: (arguments (argument value: (string) @argument)?
    (argument value: (function_definition body: (braced_expression) @block) @callback)) @arguments
  (#not-match? @callee "^(list|c|structure)$")) @definition.callback
(binary_operator lhs: (_) @name operator: ["<-" "=" "<<-"] rhs: (call) @inner) @outer

(comment) @comment
(call function: (identifier) @_function (#any-of? @_function "library" "require" "source")) @import
