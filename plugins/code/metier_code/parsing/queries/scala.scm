(function_definition name: (_) @name body: (_) @body) @definition.function
(val_definition pattern: (identifier) @name
  value: [(lambda_expression) (case_block) (block . (lambda_expression) .)] @body) @definition.function
(val_definition pattern: (identifier) @name
  value: (call_expression arguments: (case_block) @body)) @definition.function

(class_definition name: (_) @name body: (_)? @body) @definition.class
(trait_definition name: (_) @name body: (_)? @body) @definition.class
(object_definition name: (_) @name body: (_)? @body) @definition.class
(enum_definition name: (_) @name body: (_) @body) @definition.class
(package_object name: (_) @name body: (_) @body) @definition.class
(given_definition name: (_) @name body: (with_template_body) @body) @definition.class
(given_definition return_type: (_) @name body: (with_template_body) @body) @definition.class
(extension_definition parameters: (parameters (parameter type: (_) @name))) @scope.type
(package_clause name: (_) @name body: (_)) @scope

; test("adds") { ... } and describe("cart") { ... }
(call_expression
  function: (call_expression function: (_) @callee arguments: (arguments . (string) @argument))
  arguments: [(block) (arguments)] @callback
  (#any-of? @callee "describe" "context" "suite" "feature")) @scope.group
(call_expression
  function: (call_expression function: (_) @callee arguments: (arguments . (string) @argument)) @arguments
  arguments: [(block) (case_block)] @callback @block
  (#any-of? @callee "test" "it" "property" "scenario" "testM" "testAsync")) @definition.test
(call_expression
  function: (call_expression
    function: (_) @callee
    arguments: (arguments . [(string) (interpolated_string_expression)] @argument) @arguments)
  arguments: [(block) (case_block)] @callback @block) @definition.callback
; "a cart" should { "add items" in { ... } } and "a cart" should "add items" in { ... }
(infix_expression
  left: (string) @argument
  operator: (_) @_operator
  right: (block) @callback
  (#any-of? @_operator "should" "must" "can" "when" "which")) @scope.group
(infix_expression
  left: [
    (string) @argument
    (infix_expression left: (_) @argument operator: (_) @argument right: (_) @argument)]
  operator: (_) @_operator
  right: (block) @callback @block
  (#any-of? @_operator "in" "ignore" ">>")) @definition.test
(val_definition pattern: (identifier) @name value: (call_expression) @inner) @outer

[(comment) (block_comment)] @comment
[(import_declaration) (export_declaration) (package_clause !body)] @import
