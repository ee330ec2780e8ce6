"""How the shipped encoder was made: parallel text in, ``index/encoder/`` out.

``python -m training STEP`` runs one step (``prepare``, ``tokenizer``, ``train``, ``export``,
``evaluate``) or ``all``. Nothing outside this folder imports it; it needs torch.
"""
