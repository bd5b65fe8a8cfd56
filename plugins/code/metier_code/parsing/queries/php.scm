(function_definition name: (_) @name body: (_) @body) @definition.function
(method_declaration name: (_) @name body: (_) @body) @definition.method

(class_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.class
(trait_declaration name: (_) @name body: (_) @body) @definition.class
(enum_declaration name: (_) @name body: (_) @body) @definition.class

(namespace_definition name: (_) @name body: (_) @body) @scope
(namespace_definition name: (_) @name) @scope.file

; Values with names
(assignment_expression
  left: (_) @name
  right: [(anonymous_function body: (_) @body) (arrow_function body: (_) @body)])
  @definition.function
(array_element_initializer
  . (_) @name
  . [(anonymous_function body: (_) @body) (arrow_function body: (_) @body)] .) @definition.function

; Tests
(function_call_expression
  function: (name) @callee
  arguments: (arguments
    . (argument [(string) (encapsed_string)] @argument)
    . (argument [
        (anonymous_function body: (_) @body)
        (arrow_function body: (_) @body)
      ] @callback)) @arguments
  (#any-of? @callee "describe" "context")) @scope.group
(function_call_expression
  function: (name) @callee
  arguments: (arguments
    . (argument [(string) (encapsed_string)] @argument)
    . (argument [
        (anonymous_function body: (_) @block)
        (arrow_function body: (_) @block)
      ] @callback)) @arguments
  (#any-of? @callee "it" "test")) @definition.test

; Functions that are passed to a call
(function_call_expression
  arguments: (arguments
    (argument [(string) (encapsed_string)] @argument)?
    (argument [
      (anonymous_function body: (_) @block)
      (arrow_function body: (_) @body)
    ] @callback)) @arguments) @definition.callback
(scoped_call_expression
  arguments: (arguments
    (argument [(string) (encapsed_string)] @argument)?
    (argument [
      (anonymous_function body: (_) @block)
      (arrow_function body: (_) @body)
    ] @callback)) @arguments) @definition.callback
(member_call_expression
  arguments: (arguments
    (argument [(string) (encapsed_string)] @argument)?
    (argument [
      (anonymous_function body: (_) @block)
      (arrow_function body: (_) @body)
    ] @callback)) @arguments) @definition.callback

(member_call_expression object: (_) @inner) @outer
(assignment_expression
  left: (_) @name
  right: [(function_call_expression) (scoped_call_expression) (member_call_expression)] @inner)
  @outer
(expression_statement (_) @inner) @outer

(comment) @comment
(attribute_list) @attached
[(namespace_use_declaration) (php_tag)] @import
