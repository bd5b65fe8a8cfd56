(value_specification [(value_name) (parenthesized_operator)] @name) @definition.function
(external (value_name) @name) @definition.function
(type_definition (type_binding name: (_) @name)) @definition.class
(exception_definition (constructor_declaration (constructor_name) @name)) @definition.class
(module_definition (module_binding (module_name) @name)) @scope
(module_type_definition (module_type_name) @name) @scope
(class_definition (class_binding (class_name) @name)) @definition.class
(comment) @comment
(open_module) @import
