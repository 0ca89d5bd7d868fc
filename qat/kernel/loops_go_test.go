//go:build !amd64 || noasm

package kernel

func implementations() []loops { return []loops{generic} }
