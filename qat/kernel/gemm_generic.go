package kernel

// tilesGeneric is a tileLoop in Go for rows x cols elements; cols is a multiple of four, whose sums
// are kept in four variables.
func tilesGeneric(rows, cols, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool) {
	for i := range rows {
		for j := 0; j < cols; j += 4 {
			var s0, s1, s2, s3 float32
			for l := range k {
				v := a[i*ars+l*acs]
				w := b[l*ldb+j : l*ldb+j+4 : l*ldb+j+4]
				s0 += v * w[0]
				s1 += v * w[1]
				s2 += v * w[2]
				s3 += v * w[3]
			}
			d := c[i*ldc+j : i*ldc+j+4 : i*ldc+j+4]
			if accumulate {
				s0, s1, s2, s3 = d[0]+s0, d[1]+s1, d[2]+s2, d[3]+s3
			}
			d[0], d[1], d[2], d[3] = s0, s1, s2, s3
		}
	}
}
