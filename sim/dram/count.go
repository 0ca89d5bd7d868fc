package dram

// bursts returns the number of requests that the stream makes, with bursts of 1<<offset bytes. Row i
// touches floor((a_i + r - 1) / B) - floor(a_i / B) + 1 of them, where a_i = base + i stride, r is the
// length of a row and B that of a burst; both sums of floors have a closed form.
func (s *Stream) bursts(offset uint8) uint64 {
	if s.RowBytes == 0 || s.Rows <= 0 {
		return 0
	}
	n, b := uint64(s.Rows), uint64(1)<<offset
	return floorSum(n, b, s.Stride, s.Base+s.RowBytes-1) - floorSum(n, b, s.Stride, s.Base) + n
}

// floorSum returns the sum of floor((a i + b) / m) for i in [0, n), modulo 2^64, in O(log m) steps:
// the lattice points under a line, counted by the steps of Euclid's algorithm (Graham, Knuth,
// Patashnik, Concrete Mathematics, 3.5).
func floorSum(n, m, a, b uint64) uint64 {
	var sum uint64
	for {
		sum += triangle(n) * (a / m)
		a %= m
		sum += n * (b / m)
		b %= m
		top := a*n + b
		if top < m {
			return sum
		}
		n, b = top/m, top%m
		m, a = a, m
	}
}

// triangle returns n (n-1) / 2.
func triangle(n uint64) uint64 {
	if n%2 == 0 {
		return n / 2 * (n - 1)
	}
	return (n - 1) / 2 * n
}
