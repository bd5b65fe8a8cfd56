"""A Qwen3-Embedding checkpoint as llama.cpp reads it, in one GGUF file."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors.numpy import load_file

_LAYER = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def write_gguf(folder: Path, path: Path) -> Path:
    """Write a checkpoint in float32 as llama.cpp's converter does: names, vocabulary, pooling.

    Returns:
        `path`.
    """
    import gguf

    config = json.loads((folder / "config.json").read_text())
    writer = gguf.GGUFWriter(path, "qwen3")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_pooling_type(gguf.PoolingType.LAST)
    _add_tokenizer(writer, folder)
    for name, tensor in load_file(folder / "model.safetensors").items():
        writer.add_tensor(_name_of(name.removeprefix("model.")), tensor.astype("float32"))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _name_of(tensor: str) -> str:
    if not tensor.startswith("layers."):
        return {"embed_tokens.weight": "token_embd.weight", "norm.weight": "output_norm.weight"}[
            tensor
        ]
    _, layer, name = tensor.split(".", 2)
    return f"blk.{layer}.{_LAYER[name.removesuffix('.weight')]}.weight"


def _add_tokenizer(writer: object, folder: Path) -> None:
    import gguf

    assert isinstance(writer, gguf.GGUFWriter)
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    model = tokenizer["model"]
    added = {token["id"]: token for token in tokenizer["added_tokens"]}
    words = {index: word for word, index in model["vocab"].items()}
    words |= {index: token["content"] for index, token in added.items()}
    order = range(len(words))
    kinds = [
        gguf.TokenType.NORMAL
        if index not in added
        else gguf.TokenType.CONTROL
        if added[index]["special"]
        else gguf.TokenType.USER_DEFINED
        for index in order
    ]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([words[index] for index in order])
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) for pair in model["merges"]])
    (end,) = (index for index, word in words.items() if word == "<|endoftext|>")
    writer.add_eos_token_id(end)
    writer.add_pad_token_id(end)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(True)
