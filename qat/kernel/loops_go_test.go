package kernel

func implementations() []loops { return []loops{generic} }
