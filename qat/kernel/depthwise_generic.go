package kernel

// tapsGeneric computes, for lines lines l of pixels pixels p and each channel c,
//
//	y[y0+l*yLine+p*yPixel+c] = sum over i<rows, j<cols of x[x0+l*xLine+p*xPixel+i*xRow+j*xCol+c] * w[w0+i*wRow+j*wCol+c].
func tapsGeneric(y, x, w []float32, y0, x0, w0, lines, pixels, channels, rows, cols, yLine, yPixel, xLine, xPixel, xRow, xCol, wRow, wCol int) {
	for l := range lines {
		for p := range pixels {
			out := y[y0+l*yLine+p*yPixel:][:channels]
			clear(out)
			for i := range rows {
				for j := range cols {
					in := x[x0+l*xLine+p*xPixel+i*xRow+j*xCol:][:channels]
					tap := w[w0+i*wRow+j*wCol:][:channels]
					for c, v := range in {
						out[c] += v * tap[c]
					}
				}
			}
		}
	}
}

// dotsGeneric adds to dw[w0+c], for each channel c,
//
//	sum over r<rows, p<pixels of x[x0+r*xRow+p*xPixel+c] * dy[dy0+r*dyRow+p*dyPixel+c].
func dotsGeneric(dw, x, dy []float32, w0, x0, dy0, rows, pixels, channels, xRow, xPixel, dyRow, dyPixel int) {
	for c := range channels {
		var sum float32
		for r := range rows {
			xi, di := x0+r*xRow+c, dy0+r*dyRow+c
			for range pixels {
				sum += x[xi] * dy[di]
				xi += xPixel
				di += dyPixel
			}
		}
		dw[w0+c] += sum
	}
}

func dots3Generic(dw, x, dy []float32, w0, x0, dy0, rows, pixels, channels, xRow, xPixel, dyRow, dyPixel, xCol, wCol int) {
	for t := range 3 {
		dotsGeneric(dw, x, dy, w0+t*wCol, x0+t*xCol, dy0, rows, pixels, channels, xRow, xPixel, dyRow, dyPixel)
	}
}
