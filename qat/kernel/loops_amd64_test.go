//go:build !noasm

package kernel

func implementations() []loops {
	list := []loops{generic}
	if hasAVX2 {
		list = append(list, avx2)
	}
	if hasAVX512 {
		list = append(list, avx512)
	}
	return list
}
