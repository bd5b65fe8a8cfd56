(function_item name: (_) @name body: (_) @body) @definition.function
(macro_definition name: (_) @name) @definition.function

(struct_item name: (_) @name body: (_)? @body) @definition.class
(enum_item name: (_) @name body: (_) @body) @definition.class
(union_item name: (_) @name body: (_) @body) @definition.class
(trait_item name: (_) @name body: (_) @body) @definition.class
(impl_item
  type: [
    (generic_type type: (_) @name)
    (type_identifier) @name
    (scoped_type_identifier) @name
    (reference_type type: (type_identifier) @name)
    (reference_type type: (generic_type type: (_) @name))
  ]
  body: (_) @body) @scope.type
(impl_item type: (_) @name body: (_) @body) @scope.type
(mod_item name: (_) @name body: (_) @body) @scope

; Values with names
(const_item name: (_) @name value: (closure_expression body: (_) @body)) @definition.function
(static_item name: (_) @name value: (closure_expression body: (_) @body)) @definition.function
(let_declaration
  pattern: (identifier) @name
  value: (closure_expression body: (_) @body)) @definition.function

; Functions that are passed to a call
(call_expression
  function: (_) @callee
  arguments: (arguments
    (string_literal)? @argument
    (closure_expression body: (block) @block) @callback) @arguments) @definition.callback
(call_expression function: (field_expression value: (call_expression) @inner)) @outer
(expression_statement (call_expression) @inner) @outer
(static_item name: (_) @name value: (call_expression) @inner) @outer

[(line_comment) (block_comment)] @comment
[(attribute_item) (inner_attribute_item)] @attached
[(use_declaration) (extern_crate_declaration)] @import
