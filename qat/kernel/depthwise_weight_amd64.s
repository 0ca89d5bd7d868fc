//go:build !noasm

#include "textflag.h"

// Loops of the depthwise convolution's weight gradient, AVX2 and FMA. Channels are the lanes: 16 at a
// time, then 8. Offsets and strides arrive as counts of floats and are scaled to bytes, partly in
// place.

// Registers of dotsAVX2 and dots3AVX2:
//
//	DI  dw                       R8   xPixel        R12  rows left
//	SI  x of the first pixel     R9   dyPixel       R13  pixels left in the row
//	DX  dy of the first pixel    R10  xCol          R14  x of the row
//	AX  x                        R11  wCol          R15  dy of the row
//	BX  dy                       CX   channels left

#define DOTARGS \
	MOVQ dw_base+0(FP), DI      \
	MOVQ w0+72(FP), AX          \
	LEAQ (DI)(AX*4), DI         \
	MOVQ x_base+24(FP), SI      \
	MOVQ x0+80(FP), AX          \
	LEAQ (SI)(AX*4), SI         \
	MOVQ dy_base+48(FP), DX     \
	MOVQ dy0+88(FP), AX         \
	LEAQ (DX)(AX*4), DX         \
	MOVQ channels+112(FP), CX   \
	SHLQ $2, xRow+120(FP)       \
	MOVQ xPixel+128(FP), R8     \
	SHLQ $2, R8                 \
	SHLQ $2, dyRow+136(FP)      \
	MOVQ dyPixel+144(FP), R9    \
	SHLQ $2, R9

#define FIRSTDOTROW \
	MOVQ SI, R14            \
	MOVQ DX, R15            \
	MOVQ rows+96(FP), R12

#define FIRSTDOT \
	MOVQ R14, AX             \
	MOVQ R15, BX             \
	MOVQ pixels+104(FP), R13

#define NEXTDOT(pixel, row) \
	ADDQ R8, AX                 \
	ADDQ R9, BX                 \
	DECQ R13                    \
	JNZ  pixel                  \
	ADDQ xRow+120(FP), R14      \
	ADDQ dyRow+136(FP), R15     \
	DECQ R12                    \
	JNZ  row

#define NEXTDOTCHANNELS(n) \
	ADDQ $(4*n), DI  \
	ADDQ $(4*n), SI  \
	ADDQ $(4*n), DX  \
	SUBQ $n, CX

#define ADDTO(address, sum) \
	VADDPS  address, sum, sum  \
	VMOVUPS sum, address

// func dotsAVX2(dw, x, dy []float32, w0, x0, dy0, rows, pixels, channels, xRow, xPixel, dyRow, dyPixel int)
TEXT ·dotsAVX2(SB), NOSPLIT, $0-152
	DOTARGS

channels16:
	CMPQ CX, $16
	JLT  channels8
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	FIRSTDOTROW

row16:
	FIRSTDOT

pixel16:
	VMOVUPS     (BX), Y8
	VMOVUPS     32(BX), Y9
	VFMADD231PS (AX), Y8, Y0
	VFMADD231PS 32(AX), Y9, Y1
	NEXTDOT(pixel16, row16)

	ADDTO((DI), Y0)
	ADDTO(32(DI), Y1)
	NEXTDOTCHANNELS(16)
	JMP channels16

channels8:
	TESTQ CX, CX
	JEQ   done
	VXORPS Y0, Y0, Y0
	FIRSTDOTROW

row8:
	FIRSTDOT

pixel8:
	VMOVUPS     (BX), Y8
	VFMADD231PS (AX), Y8, Y0
	NEXTDOT(pixel8, row8)

	ADDTO((DI), Y0)

done:
	VZEROUPPER
	RET

// func dots3AVX2(dw, x, dy []float32, w0, x0, dy0, rows, pixels, channels, xRow, xPixel, dyRow, dyPixel, xCol, wCol int)
TEXT ·dots3AVX2(SB), NOSPLIT, $0-168
	DOTARGS
	MOVQ xCol+152(FP), R10
	SHLQ $2, R10
	MOVQ wCol+160(FP), R11
	SHLQ $2, R11

channels16:
	CMPQ CX, $16
	JLT  channels8
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	FIRSTDOTROW

row16:
	FIRSTDOT

pixel16:
	VMOVUPS     (BX), Y8
	VMOVUPS     32(BX), Y9
	VFMADD231PS (AX), Y8, Y0
	VFMADD231PS 32(AX), Y9, Y1
	VFMADD231PS (AX)(R10*1), Y8, Y2
	VFMADD231PS 32(AX)(R10*1), Y9, Y3
	VFMADD231PS (AX)(R10*2), Y8, Y4
	VFMADD231PS 32(AX)(R10*2), Y9, Y5
	NEXTDOT(pixel16, row16)

	ADDTO((DI), Y0)
	ADDTO(32(DI), Y1)
	ADDTO((DI)(R11*1), Y2)
	ADDTO(32(DI)(R11*1), Y3)
	ADDTO((DI)(R11*2), Y4)
	ADDTO(32(DI)(R11*2), Y5)
	NEXTDOTCHANNELS(16)
	JMP channels16

channels8:
	TESTQ CX, CX
	JEQ   done
	VXORPS Y0, Y0, Y0
	VXORPS Y2, Y2, Y2
	VXORPS Y4, Y4, Y4
	FIRSTDOTROW

row8:
	FIRSTDOT

pixel8:
	VMOVUPS     (BX), Y8
	VFMADD231PS (AX), Y8, Y0
	VFMADD231PS (AX)(R10*1), Y8, Y2
	VFMADD231PS (AX)(R10*2), Y8, Y4
	NEXTDOT(pixel8, row8)

	ADDTO((DI), Y0)
	ADDTO((DI)(R11*1), Y2)
	ADDTO((DI)(R11*2), Y4)

done:
	VZEROUPPER
	RET
