package kernel

// ReduceParts adds the partial sums parts[0], parts[1], ... to dst in the order of their index. Each
// part is as long as dst.
func ReduceParts(dst []float32, parts [][]float32) {
	for _, p := range parts {
		Add(dst, p)
	}
}

// Add adds src to dst, elementwise.
func Add(dst, src []float32) {
	if len(dst) != len(src) {
		panic("kernel: Add: lengths differ")
	}
	vec := vectorChannels(len(dst))
	if vec > 0 {
		active.add(dst[:vec], src)
	}
	if vec < len(dst) {
		addGeneric(dst[vec:], src[vec:])
	}
}

func addGeneric(dst, src []float32) {
	for i := range dst {
		dst[i] += src[i]
	}
}
