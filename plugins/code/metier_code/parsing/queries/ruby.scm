(method name: (_) @name body: (_)? @body) @definition.function
(singleton_method
  object: (constant) @receiver
  name: (_) @name
  body: (_)? @body) @definition.function
(singleton_method name: (_) @name body: (_)? @body) @definition.function
(call
  method: (identifier) @_definer
  arguments: (argument_list . [(simple_symbol) (string)] @name)
  block: (_ body: (_)? @body)
  (#any-of? @_definer "define_method" "define_singleton_method")) @definition.method

(class name: (_) @name body: (_)? @body) @definition.class
(assignment
  left: (constant) @name
  right: (call block: (_ body: (_)? @body))) @definition.class
(module name: (_) @name body: (_)? @body) @scope.type

; Values with names
(assignment left: (_) @name right: (lambda body: (_) @body)) @definition.function

; Groups of tests, and tests
(call
  method: (identifier) @callee
  arguments: (argument_list . (_) @argument) @arguments
  block: (_ body: (_)? @body) @callback
  (#any-of? @callee "describe" "context" "feature" "shared_examples" "shared_context"
    "namespace"))
  @scope.group
(call
  method: (identifier) @callee
  arguments: (argument_list . (_) @argument) @arguments
  block: (_) @callback @block
  (#any-of? @callee "it" "test" "specify" "scenario" "should")) @definition.test
(call
  method: (identifier) @callee
  block: (_) @callback @block @arguments
  (#any-of? @callee "it" "test" "specify")) @definition.test

; Functions that are passed to a call
(call
  method: (_) @callee
  arguments: (argument_list
    [
      (string) @argument
      (simple_symbol) @argument
      (constant) @argument
      (scope_resolution) @argument
      (pair key: (_) @argument)
    ]?) @arguments
  block: (_ body: (_)? @body) @callback) @definition.callback
(call
  method: (_) @callee
  arguments: (argument_list
    [(string) (simple_symbol)] @argument
    (lambda body: (_) @body) @callback) @arguments) @definition.callback
(call method: (_) @callee !arguments block: (_ body: (_)? @body) @callback @arguments)
  @definition.callback
(assignment left: (_) @name right: (call) @inner) @outer
(call receiver: (call) @inner) @outer

(comment) @comment
(call
  !receiver
  method: (identifier) @_method
  (#any-of? @_method "require" "require_relative" "load" "include" "extend")) @import
