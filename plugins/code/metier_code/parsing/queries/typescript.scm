(public_field_definition
  name: (_) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
  ]) @definition.method
(public_field_definition name: (_) @name value: (call_expression) @inner) @outer

(abstract_class_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.class
(enum_declaration name: (_) @name body: (_) @body) @definition.class
(type_alias_declaration name: (_) @name value: (_) @body) @definition.class
(internal_module name: (_) @name body: (_) @body) @scope
(expression_statement (internal_module) @inner) @outer
(function_signature) @import
(module name: (_) @name body: (_) @body) @scope
