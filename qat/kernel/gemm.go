package kernel

// The matrix product follows the blocking of Goto and van de Geijn ("Anatomy of high-performance
// matrix multiplication", ACM TOMS 34(3), 2008) with one change for the shapes of a small network:
// A, the tall operand, is read in place. Its six or twelve rows are addressed by two strides, so
// A and its transpose need no copy; with few channels the copy would cost as much as the product.
//
//	for each block of depthBlock terms of the sum
//	  for each block of colBlock columns        pack B into panels, unless it can be read in place
//	    for each block of rowBlock rows         the block of A stays in L2
//	      for each panel of 32, 16 or 8 columns the panel of B stays in L1
//	        one call of a loop over row tiles   the tile of C stays in registers
//
// With AVX2 tiles are 6x16 or 4x16 (wide) and 12x8 or 8x8 (narrow): 12 or 8 vector accumulators, enough
// to hide an FMA latency of four cycles at two per cycle. With AVX-512 they are 12x32 or 8x32 (broad) and
// 12x16 or 8x16 (wide). The short tiles serve the channel counts that six or twelve do not divide. What
// remains at the edges is computed into scratch memory with the same tiles and then copied or added.

const (
	broadCols  = 32
	wideCols   = 16
	narrowCols = 8
	maxTall    = 12 // rows of the tallest tile

	depthBlock = 128 // 16 columns of B: 8 KiB, 32: 16 KiB, and a transposed A of 48 channels fits beside it in L1
	colBlock   = 256 // packed B: 128 KiB
	rowBlock   = 192 // A: at most 96 KiB; a multiple of every tile height
	// packRows is the number of rows of C from which reading B in panels pays for the copy. Weight
	// gradients, with few rows and a B that is read once, stay below.
	packRows = 160
)

// Scratch is the working memory of [Gemm]. The zero value is ready for use; it grows to the largest
// problem seen (at most 150 KiB) and is reused after that. One goroutine uses it at a time.
type Scratch struct {
	restA []float32                    // rows that fill no tile, as [depth][tile height]
	b     []float32                    // panels of B, as [panel][depth][columns]
	c     []float32                    // a panel of C that is narrower than a tile
	tile  [maxTall * broadCols]float32 // a tile of C that has fewer rows than a tile
}

// tileLoop computes C[i,j] (+)= sum over k of A[i,k]*B[k,j] for tiles vertically adjacent tiles,
// where A(i,k) = a[i*ars+k*acs], B(k,j) = b[k*ldb+j], C(i,j) = c[i*ldc+j]. k is at least 1. The terms
// of a sum are added in the order of k, and the old C last.
type tileLoop func(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)

// tiling is a pair of tile shapes with the same number of columns.
type tiling struct {
	cols                int
	tall, short         int // rows
	tallLoop, shortLoop tileLoop
}

// split covers m rows with tall tiles, short tiles and fewer rest rows than a tall tile has.
func (t *tiling) split(m int) (tall, short, rest int) {
	tall, rest = m/t.tall, m%t.tall
	if rest >= t.short {
		return tall, 1, rest - t.short
	}
	// 6+2 = 4+4 and 12+4 = 8+8: one tall tile less leaves nothing over.
	if tall > 0 && rest+t.tall == 2*t.short {
		return tall - 1, 2, 0
	}
	return tall, 0, rest
}

// Gemm computes C = A*B, or C += A*B if accumulate is set, for an m x k matrix A and a k x n matrix B:
//
//	A(i,l) = a[i*ars+l*acs]    B(l,j) = b[l*ldb+j]    C(i,j) = c[i*ldc+j]
//
// With ars = lda, acs = 1 A is a row-major matrix; with ars = 1, acs = lda it is the transpose of one.
// C must not overlap A or B. Each sum runs over l in ascending order in blocks of fixed length, so an
// element of C does not depend on which other rows and columns are computed with it.
func Gemm(s *Scratch, m, n, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool) {
	if m < 0 || n < 0 || k < 0 || ars < 0 || acs < 0 {
		panic("kernel: Gemm: negative extent or stride")
	}
	if m == 0 || n == 0 {
		return
	}
	if ldc < n || len(c) < (m-1)*ldc+n {
		panic("kernel: Gemm: C is too short")
	}
	if k == 0 {
		if !accumulate {
			for i := range m {
				clear(c[i*ldc : i*ldc+n])
			}
		}
		return
	}
	if ldb < n || len(b) < (k-1)*ldb+n {
		panic("kernel: Gemm: B is too short")
	}
	if len(a) < (m-1)*ars+(k-1)*acs+1 {
		panic("kernel: Gemm: A is too short")
	}
	for l0 := 0; l0 < k; l0 += depthBlock {
		kb := min(depthBlock, k-l0)
		acc := accumulate || l0 > 0
		for j0 := 0; j0 < n; j0 += colBlock {
			nb := min(colBlock, n-j0)
			bb, packed := b[l0*ldb+j0:], packWorthwhile(m, nb, ldb)
			if packed {
				bb = s.packB(bb, ldb, kb, nb)
			}
			for i0 := 0; i0 < m; i0 += rowBlock {
				mb := min(rowBlock, m-i0)
				s.block(mb, nb, kb, a[i0*ars+l0*acs:], ars, acs, bb, ldb, packed, c[i0*ldc+j0:], ldc, acc)
			}
		}
	}
}

// packWorthwhile reports whether a block of n columns of B is copied into panels: always if its last
// panel is incomplete, and if enough rows of C reuse panels that are not contiguous already.
func packWorthwhile(m, n, ldb int) bool {
	return n%narrowCols != 0 || (m >= packRows && ldb > wideCols)
}

// packB copies k rows of n columns into panels as wide as their tiles. Columns beyond n are zero.
func (s *Scratch) packB(b []float32, ldb, k, n int) []float32 {
	s.b = grown(s.b, k*((n+narrowCols-1)&^(narrowCols-1)))
	dst := s.b
	for j := 0; j < n; {
		width := active.panel(n - j).cols
		switch {
		case j+width > n:
			for l := range k {
				row := dst[l*width : (l+1)*width]
				clear(row[copy(row, b[l*ldb+j:l*ldb+n]):])
			}
		case width == broadCols:
			for l := range k {
				*(*[broadCols]float32)(dst[l*broadCols:]) = *(*[broadCols]float32)(b[l*ldb+j:])
			}
		case width == wideCols:
			for l := range k {
				*(*[wideCols]float32)(dst[l*wideCols:]) = *(*[wideCols]float32)(b[l*ldb+j:])
			}
		default:
			for l := range k {
				*(*[narrowCols]float32)(dst[l*narrowCols:]) = *(*[narrowCols]float32)(b[l*ldb+j:])
			}
		}
		dst = dst[k*width:]
		j += width
	}
	return s.b
}

// block multiplies one block of A with one block of B, panel by panel.
func (s *Scratch) block(m, n, k int, a []float32, ars, acs int, b []float32, ldb int, packed bool, c []float32, ldc int, accumulate bool) {
	for j := 0; j < n; {
		t := active.panel(n - j)
		pb, pldb := b, ldb
		if packed {
			pb, pldb = b[j*k:], t.cols
		} else {
			pb = b[j:]
		}
		if cols := n - j; cols < t.cols {
			s.c = grown(s.c, rowBlock*wideCols)
			s.panel(t, m, k, a, ars, acs, pb, pldb, s.c, t.cols, false)
			merge(c[j:], ldc, s.c, t.cols, m, cols, accumulate)
			return
		}
		s.panel(t, m, k, a, ars, acs, pb, pldb, c[j:], ldc, accumulate)
		j += t.cols
	}
}

// panel computes m rows of a panel of C that is as wide as the tiles of t.
func (s *Scratch) panel(t *tiling, m, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool) {
	tall, short, rest := t.split(m)
	if tall > 0 {
		t.tallLoop(tall, k, a, ars, acs, b, ldb, c, ldc, accumulate)
	}
	i := tall * t.tall
	if short > 0 {
		t.shortLoop(short, k, a[i*ars:], ars, acs, b, ldb, c[i*ldc:], ldc, accumulate)
	}
	i += short * t.short
	if rest == 0 {
		return
	}
	rows, loop := t.short, t.shortLoop
	if rest > t.short {
		rows, loop = t.tall, t.tallLoop
	}
	s.restA = grown(s.restA, maxTall*depthBlock)
	a = a[i*ars:]
	for l := range k {
		column := s.restA[l*rows : (l+1)*rows]
		for r := range rest {
			column[r] = a[r*ars+l*acs]
		}
		clear(column[rest:])
	}
	loop(1, k, s.restA, 1, rows, b, ldb, s.tile[:], t.cols, false)
	merge(c[i*ldc:], ldc, s.tile[:], t.cols, rest, t.cols, accumulate)
}

// merge copies or adds a rows x cols corner of src to dst.
func merge(dst []float32, ldd int, src []float32, lds, rows, cols int, accumulate bool) {
	for i := range rows {
		d, s := dst[i*ldd:i*ldd+cols], src[i*lds:i*lds+cols]
		if !accumulate {
			copy(d, s)
			continue
		}
		for j, v := range s {
			d[j] += v
		}
	}
}

// grown returns a slice of at least n floats, s itself if it is long enough.
func grown(s []float32, n int) []float32 {
	if len(s) >= n {
		return s
	}
	return make([]float32, n)
}
