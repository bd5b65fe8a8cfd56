(method_definition ((identifier) @selector (method_parameter))+ (compound_statement) @body) @definition.method
(method_definition (identifier) @name . (compound_statement) @body) @definition.method
(class_implementation . (identifier) @name) @definition.class
(class_interface . (identifier) @name) @definition.class
(protocol_declaration . (identifier) @name) @definition.class
(function_definition declarator: (function_declarator declarator: (_) @name) body: (_) @body) @definition.function
(function_definition declarator: (pointer_declarator declarator: (function_declarator declarator: (_) @name)) body: (_) @body) @definition.function
(comment) @comment
[(preproc_include)] @import
