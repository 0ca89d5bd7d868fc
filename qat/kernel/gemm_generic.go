package kernel

// tilesGeneric returns the tileLoop in Go for tiles of height rows and cols columns, a multiple of
// four. Four sums at a time are kept in variables.
func tilesGeneric(height, cols int) tileLoop {
	return func(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool) {
		for i := range tiles * height {
			for j := 0; j < cols; j += 4 {
				var s0, s1, s2, s3 float32
				for l := range k {
					v := a[i*ars+l*acs]
					w := b[l*ldb+j:][:4]
					s0 += v * w[0]
					s1 += v * w[1]
					s2 += v * w[2]
					s3 += v * w[3]
				}
				d := c[i*ldc+j:][:4]
				if accumulate {
					s0, s1, s2, s3 = d[0]+s0, d[1]+s1, d[2]+s2, d[3]+s3
				}
				d[0], d[1], d[2], d[3] = s0, s1, s2, s3
			}
		}
	}
}
