//go:build !noasm

#include "textflag.h"

// The loop of the depthwise convolution and of its input's gradient, AVX2 and FMA. Channels are the lanes: 16 at a time, then 8. Offsets
// and strides arrive as counts of floats and are scaled to bytes in place.

// Registers of tapsAVX2:
//
//	DI  y of the pixel           R8   xPixel        R12  rows left
//	SI  x of the pixel           R9   3*xPixel      R13  taps left in the row
//	DX  w                        R10  xCol          R14  x at the row's first tap
//	AX  x under the tap          R11  wCol          R15  w of the row's first tap
//	BX  w of the tap             CX   pixels left

#define FIRSTPIXEL \
	MOVQ y_base+0(FP), DI   \
	MOVQ x_base+24(FP), SI  \
	MOVQ pixels+96(FP), CX

#define FIRSTROW \
	MOVQ SI, R14             \
	MOVQ DX, R15             \
	MOVQ rows+112(FP), R12

#define FIRSTTAP \
	MOVQ R14, AX             \
	MOVQ R15, BX             \
	MOVQ cols+120(FP), R13

#define NEXTTAP(tap, row) \
	ADDQ R10, AX               \
	ADDQ R11, BX               \
	DECQ R13                   \
	JNZ  tap                   \
	ADDQ xRow+144(FP), R14     \
	ADDQ wRow+160(FP), R15     \
	DECQ R12                   \
	JNZ  row

// n channels on: the next block of y, x and w.
#define NEXTCHANNELS(n) \
	ADDQ $(4*n), y_base+0(FP)    \
	ADDQ $(4*n), x_base+24(FP)   \
	ADDQ $(4*n), DX              \
	SUBQ $n, channels+104(FP)

// func tapsAVX2(y, x, w []float32, y0, x0, w0, pixels, channels, rows, cols, yPixel, xPixel, xRow, xCol, wRow, wCol int)
TEXT ·tapsAVX2(SB), NOSPLIT, $0-176
	MOVQ y0+72(FP), AX
	SHLQ $2, AX
	ADDQ AX, y_base+0(FP)
	MOVQ x0+80(FP), AX
	SHLQ $2, AX
	ADDQ AX, x_base+24(FP)
	MOVQ w_base+48(FP), DX
	MOVQ w0+88(FP), AX
	LEAQ (DX)(AX*4), DX
	SHLQ $2, yPixel+128(FP)
	MOVQ xPixel+136(FP), R8
	SHLQ $2, R8
	LEAQ (R8)(R8*2), R9
	SHLQ $2, xRow+144(FP)
	MOVQ xCol+152(FP), R10
	SHLQ $2, R10
	SHLQ $2, wRow+160(FP)
	MOVQ wCol+168(FP), R11
	SHLQ $2, R11

channels16:
	CMPQ channels+104(FP), $16
	JLT  channels8
	FIRSTPIXEL

pixels4:
	CMPQ CX, $4
	JLT  pixels1
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	VXORPS Y7, Y7, Y7
	FIRSTROW

row4:
	FIRSTTAP

tap4:
	VMOVUPS     (BX), Y8
	VMOVUPS     32(BX), Y9
	VFMADD231PS (AX), Y8, Y0
	VFMADD231PS 32(AX), Y9, Y1
	VFMADD231PS (AX)(R8*1), Y8, Y2
	VFMADD231PS 32(AX)(R8*1), Y9, Y3
	VFMADD231PS (AX)(R8*2), Y8, Y4
	VFMADD231PS 32(AX)(R8*2), Y9, Y5
	VFMADD231PS (AX)(R9*1), Y8, Y6
	VFMADD231PS 32(AX)(R9*1), Y9, Y7
	NEXTTAP(tap4, row4)

	MOVQ    yPixel+128(FP), AX
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	VMOVUPS Y2, (DI)(AX*1)
	VMOVUPS Y3, 32(DI)(AX*1)
	LEAQ    (DI)(AX*2), DI
	VMOVUPS Y4, (DI)
	VMOVUPS Y5, 32(DI)
	VMOVUPS Y6, (DI)(AX*1)
	VMOVUPS Y7, 32(DI)(AX*1)
	LEAQ    (DI)(AX*2), DI
	LEAQ    (SI)(R8*4), SI
	SUBQ    $4, CX
	JMP     pixels4

pixels1:
	TESTQ CX, CX
	JEQ   next16
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	FIRSTROW

row1:
	FIRSTTAP

tap1:
	VMOVUPS     (BX), Y8
	VMOVUPS     32(BX), Y9
	VFMADD231PS (AX), Y8, Y0
	VFMADD231PS 32(AX), Y9, Y1
	NEXTTAP(tap1, row1)

	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	ADDQ    yPixel+128(FP), DI
	ADDQ    R8, SI
	DECQ    CX
	JMP     pixels1

next16:
	NEXTCHANNELS(16)
	JMP channels16

channels8:
	CMPQ channels+104(FP), $8
	JLT  done
	FIRSTPIXEL

pixels4x8:
	CMPQ CX, $4
	JLT  pixels1x8
	VXORPS Y0, Y0, Y0
	VXORPS Y2, Y2, Y2
	VXORPS Y4, Y4, Y4
	VXORPS Y6, Y6, Y6
	FIRSTROW

row4x8:
	FIRSTTAP

tap4x8:
	VMOVUPS     (BX), Y8
	VFMADD231PS (AX), Y8, Y0
	VFMADD231PS (AX)(R8*1), Y8, Y2
	VFMADD231PS (AX)(R8*2), Y8, Y4
	VFMADD231PS (AX)(R9*1), Y8, Y6
	NEXTTAP(tap4x8, row4x8)

	MOVQ    yPixel+128(FP), AX
	VMOVUPS Y0, (DI)
	VMOVUPS Y2, (DI)(AX*1)
	LEAQ    (DI)(AX*2), DI
	VMOVUPS Y4, (DI)
	VMOVUPS Y6, (DI)(AX*1)
	LEAQ    (DI)(AX*2), DI
	LEAQ    (SI)(R8*4), SI
	SUBQ    $4, CX
	JMP     pixels4x8

pixels1x8:
	TESTQ CX, CX
	JEQ   done
	VXORPS Y0, Y0, Y0
	FIRSTROW

row1x8:
	FIRSTTAP

tap1x8:
	VMOVUPS     (BX), Y8
	VFMADD231PS (AX), Y8, Y0
	NEXTTAP(tap1x8, row1x8)

	VMOVUPS Y0, (DI)
	ADDQ    yPixel+128(FP), DI
	ADDQ    R8, SI
	DECQ    CX
	JMP     pixels1x8

done:
	VZEROUPPER
	RET
