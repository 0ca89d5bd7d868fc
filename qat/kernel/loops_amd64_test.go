//go:build !noasm

package kernel

func implementations() []loops {
	if hasAVX2 {
		return []loops{avx2, generic}
	}
	return []loops{generic}
}
