(function (function_statement name: (_) @name) @_head) @definition.function
(subroutine (subroutine_statement name: (_) @name)) @definition.function
(module_procedure (module_procedure_statement name: (_) @name)) @definition.function
(derived_type_definition (derived_type_statement (type_name) @name)) @definition.class
(module (module_statement (name) @name)) @scope
(submodule (submodule_statement (name) @name)) @scope
(comment) @comment
(use_statement) @import
