(let_binding pattern: [(value_name) (parenthesized_operator)] @name (parameter) body: (_) @body) @definition.function
(let_binding pattern: [(value_name) (parenthesized_operator)] @name
  body: [(fun_expression) (function_expression)] @body) @definition.function
(value_definition . (attribute_id)? . (let_binding) @inner .) @outer
(value_definition (attribute_id) @callee (let_binding pattern: (string) @argument body: (_) @callback @block)) @definition.test
(module_definition (module_binding (module_name) @name)) @scope
(class_definition (class_binding (class_name) @name body: (_) @body)) @definition.class
(method_definition (method_name) @name body: (_) @body) @definition.method
(type_definition (type_binding name: (_) @name body: (_) @body)) @definition.class
(comment) @comment
(open_module) @import
