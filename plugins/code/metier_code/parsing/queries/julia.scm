(module_definition name: (_) @name) @scope
(function_definition (signature [
  (identifier) @name
  (call_expression . (_) @name)
  (typed_expression . (call_expression . (_) @name))
  (where_expression . (call_expression . (_) @name))
  (where_expression . (typed_expression . (call_expression . (_) @name)))])) @definition.function
(assignment . [
  (call_expression . (_) @name)
  (typed_expression . (call_expression . (_) @name))
  (where_expression . (call_expression . (_) @name))
  (where_expression . (typed_expression . (call_expression . (_) @name)))] (operator) (_) @body) @definition.function
(assignment . (identifier) @name (operator) [(arrow_function_expression) (function_definition (signature . (argument_list)))] @body) @definition.function
(const_statement (assignment) @inner) @outer
(macro_definition (signature (call_expression . (_) @name))) @definition.function
(struct_definition (type_head [
  (identifier) @name
  (parametrized_type_expression . (_) @name)
  (binary_expression . [(identifier) @name (parametrized_type_expression . (_) @name)])])) @definition.class
(macrocall_expression (macro_identifier (identifier) @callee)
  (macro_argument_list (string_literal) @argument . (compound_statement) @callback @block) @arguments
  (#eq? @callee "testset")) @definition.test
(macrocall_expression (macro_identifier) (macro_argument_list . [(assignment) (function_definition) (struct_definition)] @inner .)) @outer
(string_literal) @attached @doc
[(line_comment) (block_comment)] @comment
[(import_statement) (using_statement) (export_statement)] @import
