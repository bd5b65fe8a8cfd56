; an operator is no named node; the type that is returned has the field `name`, too, and comes later
(function_declaration name: _ @name body: (function_body) @body) @definition.function
(init_declaration "init" @name body: (function_body) @body) @definition.method
(deinit_declaration "deinit" @name body: (function_body) @body) @definition.method
(subscript_declaration "subscript" @name (computed_property) @body) @definition.method
(property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)
  computed_value: (computed_property) @body) @definition.function
(property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)
  (willset_didset_block) @body) @definition.function
(property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)
  value: [(lambda_literal) (call_expression . (lambda_literal))] @body) @definition.function

(class_declaration name: (user_type) @name) @scope.type  ; extension
(class_declaration name: (type_identifier) @name body: (_) @body) @definition.class
(protocol_declaration name: (_) @name body: (_) @body) @definition.class

(call_expression . (simple_identifier) @callee
  (call_suffix
    (value_arguments . (value_argument value: (line_string_literal) @argument)) @arguments
    (lambda_literal) @callback)
  (#any-of? @callee "describe" "context" "fdescribe" "xdescribe")) @scope.group
(call_expression . (simple_identifier) @callee
  (call_suffix
    (value_arguments . (value_argument value: (line_string_literal) @argument)) @arguments
    (lambda_literal) @callback @block)
  (#any-of? @callee "it" "fit" "xit" "test" "specify")) @definition.test
(call_expression . (_) @callee
  (call_suffix
    (value_arguments . (value_argument value: (line_string_literal) @argument)) @arguments
    (lambda_literal) @callback @block)) @definition.callback
(call_expression . (_) @callee (call_suffix (value_arguments)? @arguments (lambda_literal) @callback @block)) @definition.callback
(property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)
  value: (call_expression) @inner) @outer

[(comment) (multiline_comment)] @comment
(import_declaration) @import
