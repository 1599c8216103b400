"""How a trace is judged: the order of its facts, what names mean at each of them, windows, measures."""
