"""The two models, with the parameter names and the arithmetic of Hugging Face's GPT-2 and BERT.

Parameters are kept in one flat dictionary under their published names, which makes saving and loading trivial.  Both
forward passes can leave a record of attention, queries, keys and values, each [batch][head][token][...].
"""

import math

import torch
from torch.nn import functional

DECODER = {
    "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "vocab_size": 1024, "n_positions": 128, "n_ctx": 128, "n_embd": 128,
    "n_layer": 4, "n_head": 4, "n_inner": 256, "activation_function": "gelu_new", "layer_norm_epsilon": 1e-05, "attn_pdrop": 0.0,
    "embd_pdrop": 0.0, "resid_pdrop": 0.0, "initializer_range": 0.02, "scale_attn_weights": True,
    "scale_attn_by_inverse_layer_idx": False, "reorder_and_upcast_attn": False, "tie_word_embeddings": True, "use_cache": True,
    "bos_token_id": 1023, "eos_token_id": 1023, "torch_dtype": "float16",
}
ENCODER = {
    "architectures": ["BertForSequenceClassification"], "model_type": "bert", "vocab_size": 353, "max_position_embeddings": 96,
    "hidden_size": 128, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 256, "hidden_act": "gelu",
    "layer_norm_eps": 1e-12, "attention_probs_dropout_prob": 0.0, "hidden_dropout_prob": 0.0, "classifier_dropout": None,
    "initializer_range": 0.02, "type_vocab_size": 2, "position_embedding_type": "absolute", "pad_token_id": 0, "use_cache": True,
    "problem_type": "single_label_classification", "id2label": {"0": "negative", "1": "neutral", "2": "positive"},
    "label2id": {"negative": 0, "neutral": 1, "positive": 2}, "torch_dtype": "float16",
}


def decoder_shapes(c):
    d, inner = c["n_embd"], c["n_inner"]
    shapes = {"transformer.wte.weight": (c["vocab_size"], d), "transformer.wpe.weight": (c["n_positions"], d)}
    for layer in range(c["n_layer"]):
        name = f"transformer.h.{layer}."
        shapes |= {name + "ln_1.weight": (d,), name + "ln_1.bias": (d,),
                   name + "attn.c_attn.weight": (d, 3 * d), name + "attn.c_attn.bias": (3 * d,),
                   name + "attn.c_proj.weight": (d, d), name + "attn.c_proj.bias": (d,),
                   name + "ln_2.weight": (d,), name + "ln_2.bias": (d,),
                   name + "mlp.c_fc.weight": (d, inner), name + "mlp.c_fc.bias": (inner,),
                   name + "mlp.c_proj.weight": (inner, d), name + "mlp.c_proj.bias": (d,)}
    return shapes | {"transformer.ln_f.weight": (d,), "transformer.ln_f.bias": (d,)}


def encoder_shapes(c):
    d, inner = c["hidden_size"], c["intermediate_size"]

    def linear(name, n_out, n_in):
        return {name + ".weight": (n_out, n_in), name + ".bias": (n_out,)}

    def norm(name):
        return {name + ".LayerNorm.weight": (d,), name + ".LayerNorm.bias": (d,)}

    shapes = {"bert.embeddings.word_embeddings.weight": (c["vocab_size"], d),
              "bert.embeddings.position_embeddings.weight": (c["max_position_embeddings"], d),
              "bert.embeddings.token_type_embeddings.weight": (c["type_vocab_size"], d)} | norm("bert.embeddings")
    for layer in range(c["num_hidden_layers"]):
        name = f"bert.encoder.layer.{layer}."
        for part in ("query", "key", "value"):
            shapes |= linear(name + "attention.self." + part, d, d)
        shapes |= linear(name + "attention.output.dense", d, d) | norm(name + "attention.output")
        shapes |= linear(name + "intermediate.dense", inner, d) | linear(name + "output.dense", d, inner) | norm(name + "output")
    return shapes | linear("bert.pooler.dense", d, d) | linear("classifier", len(c["id2label"]), d)


def initial(shapes, n_layers):
    weights = {}
    for name, shape in shapes.items():
        if name.endswith("bias"):
            value = torch.zeros(shape)
        elif len(shape) == 1:
            value = torch.ones(shape)
        elif name.endswith(("wpe.weight", "position_embeddings.weight")):
            value = sinusoids(shape)
        else:
            value = torch.randn(shape) * (0.02 if "embed" in name or ".wte" in name else 0.06)
            if name.endswith("c_proj.weight"):
                value /= math.sqrt(2 * n_layers)
        weights[name] = value
    return {name: value.requires_grad_() for name, value in weights.items()}


def sinusoids(shape, amplitude=0.03):
    """Learnt positions start as waves: then `one place to the left` is a rotation, and a head that looks there is found
    within hundreds of steps instead of thousands."""
    place, half = torch.arange(shape[0])[:, None], shape[1] // 2
    angle = place / 1000 ** (torch.arange(half) / half)
    return amplitude * torch.cat([angle.sin(), angle.cos()], 1)


def norm(weights, name, x, epsilon):
    return functional.layer_norm(x, x.shape[-1:], weights[name + ".weight"], weights[name + ".bias"], epsilon)


def attend(q, k, v, n_heads, blocked, record):
    """q, k, v: [batch][token][width].  blocked: true where a key must not be seen."""
    batch, length, width = q.shape
    q, k, v = (x.view(batch, length, n_heads, width // n_heads).transpose(1, 2) for x in (q, k, v))
    scores = q @ k.transpose(-1, -2) * (width // n_heads) ** -0.5
    attention = scores.masked_fill(blocked, -1e9).softmax(-1)
    if record is not None:
        record.append({"attention": attention, "queries": q, "keys": k, "values": v})
    return (attention @ v).transpose(1, 2).reshape(batch, length, width)


def decoder_forward(w, c, ids, record=None):
    """ids [batch][token] → logits [batch][token][vocabulary]."""
    length, epsilon = ids.shape[1], c["layer_norm_epsilon"]
    blocked = torch.ones(length, length, dtype=torch.bool).triu(1)
    x = w["transformer.wte.weight"][ids] + w["transformer.wpe.weight"][:length]
    for layer in range(c["n_layer"]):
        name = f"transformer.h.{layer}."
        h = norm(w, name + "ln_1", x, epsilon)
        q, k, v = (h @ w[name + "attn.c_attn.weight"] + w[name + "attn.c_attn.bias"]).chunk(3, -1)
        h = attend(q, k, v, c["n_head"], blocked, record)
        x = x + h @ w[name + "attn.c_proj.weight"] + w[name + "attn.c_proj.bias"]
        h = norm(w, name + "ln_2", x, epsilon)
        h = functional.gelu(h @ w[name + "mlp.c_fc.weight"] + w[name + "mlp.c_fc.bias"], approximate="tanh")
        x = x + h @ w[name + "mlp.c_proj.weight"] + w[name + "mlp.c_proj.bias"]
    return norm(w, "transformer.ln_f", x, epsilon) @ w["transformer.wte.weight"].T


def encoder_states(w, c, ids, segments, padding, record=None, stages=None):
    """ids, segments, padding (true where there is no token): [batch][token] → states [batch][token][width].

    stages, if a list, receives the states after each layer."""
    epsilon, blocked = c["layer_norm_eps"], padding[:, None, None, :]

    def linear(name, h):
        return functional.linear(h, w[name + ".weight"], w[name + ".bias"])

    x = (w["bert.embeddings.word_embeddings.weight"][ids] + w["bert.embeddings.position_embeddings.weight"][:ids.shape[1]]
         + w["bert.embeddings.token_type_embeddings.weight"][segments])
    x = norm(w, "bert.embeddings.LayerNorm", x, epsilon)
    for layer in range(c["num_hidden_layers"]):
        name = f"bert.encoder.layer.{layer}."
        q, k, v = (linear(name + "attention.self." + part, x) for part in ("query", "key", "value"))
        h = linear(name + "attention.output.dense", attend(q, k, v, c["num_attention_heads"], blocked, record))
        x = norm(w, name + "attention.output.LayerNorm", x + h, epsilon)
        h = linear(name + "output.dense", functional.gelu(linear(name + "intermediate.dense", x)))
        x = norm(w, name + "output.LayerNorm", x + h, epsilon)
        if stages is not None:
            stages.append(x)
    return x


def classify(w, states):
    pooled = torch.tanh(functional.linear(states[:, 0], w["bert.pooler.dense.weight"], w["bert.pooler.dense.bias"]))
    return functional.linear(pooled, w["classifier.weight"], w["classifier.bias"])
