(function_definition name: (_) @name body: (_) @body) @definition.function
(modifier_definition name: (_) @name body: (_) @body) @definition.method
(constructor_definition "constructor" @name body: (_) @body) @definition.method
(fallback_receive_definition ["fallback" "receive"] @name body: (_) @body) @definition.method
(contract_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.class
(library_declaration name: (_) @name body: (_) @body) @definition.class
(comment) @comment
[(import_directive) (pragma_directive)] @import
