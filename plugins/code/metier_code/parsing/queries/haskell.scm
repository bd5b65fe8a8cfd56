(declarations (function name: (_) @name match: (_) @body) @definition.function @clause)
(declarations (function (infix operator: (_) @name) match: (_) @body) @definition.function @clause)
(declarations (bind name: (_) @name match: (_) @body) @definition.function @clause)
(class_declarations (function name: (_) @name match: (_) @body) @definition.method @clause)
(instance_declarations (function name: (_) @name match: (_) @body) @definition.method @clause)
(instance_declarations (bind name: (_) @name match: (_) @body) @definition.method @clause)
(data_type name: (_) @name) @definition.class
(newtype name: (_) @name) @definition.class
(class name: (_) @name declarations: (_)? @body) @definition.class
(instance name: (_) @name patterns: (type_patterns . (_) @name)) @scope.type
(signature) @attached
[(comment) (haddock)] @comment
[(import) (pragma)] @import
