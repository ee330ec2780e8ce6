"""How the shipped encoder was made: parallel text in, ``index/encoder/`` out.

``python -m training STEP`` runs a step (``prepare``, ``tokenizer``, ``static``, ``teach``,
``contextual``, ``export``, ``evaluate``, ``card``) or ``all``. Nothing outside this folder
imports it; it needs torch.
"""
