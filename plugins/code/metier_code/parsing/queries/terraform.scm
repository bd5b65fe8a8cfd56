(config_file (body (block (identifier) @name . (string_lit (template_literal) @name)? . (string_lit (template_literal) @name)? . (block_start) @body) @definition.class))
(comment) @comment
