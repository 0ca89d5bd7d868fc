//go:build !noasm

#include "textflag.h"

// The loops of depthwise_weight_amd64.s with AVX-512: 32 channels at a time, then 16, in the same order.

// Registers of dotsAVX512 and dots3AVX512:
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

// func dotsAVX512(dw, x, dy []float32, w0, x0, dy0, rows, pixels, channels, xRow, xPixel, dyRow, dyPixel int)
TEXT ·dotsAVX512(SB), NOSPLIT, $0-152
	DOTARGS

channels32:
	CMPQ CX, $32
	JLT  channels16
	VPXORD Z0, Z0, Z0
	VPXORD Z1, Z1, Z1
	FIRSTDOTROW

row32:
	FIRSTDOT

pixel32:
	VMOVUPS     (BX), Z8
	VMOVUPS     64(BX), Z9
	VFMADD231PS (AX), Z8, Z0
	VFMADD231PS 64(AX), Z9, Z1
	NEXTDOT(pixel32, row32)

	ADDTO((DI), Z0)
	ADDTO(64(DI), Z1)
	NEXTDOTCHANNELS(32)
	JMP channels32

channels16:
	TESTQ CX, CX
	JEQ   done
	VPXORD Z0, Z0, Z0
	FIRSTDOTROW

row16:
	FIRSTDOT

pixel16:
	VMOVUPS     (BX), Z8
	VFMADD231PS (AX), Z8, Z0
	NEXTDOT(pixel16, row16)

	ADDTO((DI), Z0)

done:
	VZEROUPPER
	RET

// func dots3AVX512(dw, x, dy []float32, w0, x0, dy0, rows, pixels, channels, xRow, xPixel, dyRow, dyPixel, xCol, wCol int)
TEXT ·dots3AVX512(SB), NOSPLIT, $0-168
	DOTARGS
	MOVQ xCol+152(FP), R10
	SHLQ $2, R10
	MOVQ wCol+160(FP), R11
	SHLQ $2, R11

channels32:
	CMPQ CX, $32
	JLT  channels16
	VPXORD Z0, Z0, Z0
	VPXORD Z1, Z1, Z1
	VPXORD Z2, Z2, Z2
	VPXORD Z3, Z3, Z3
	VPXORD Z4, Z4, Z4
	VPXORD Z5, Z5, Z5
	FIRSTDOTROW

row32:
	FIRSTDOT

pixel32:
	VMOVUPS     (BX), Z8
	VMOVUPS     64(BX), Z9
	VFMADD231PS (AX), Z8, Z0
	VFMADD231PS 64(AX), Z9, Z1
	VFMADD231PS (AX)(R10*1), Z8, Z2
	VFMADD231PS 64(AX)(R10*1), Z9, Z3
	VFMADD231PS (AX)(R10*2), Z8, Z4
	VFMADD231PS 64(AX)(R10*2), Z9, Z5
	NEXTDOT(pixel32, row32)

	ADDTO((DI), Z0)
	ADDTO(64(DI), Z1)
	ADDTO((DI)(R11*1), Z2)
	ADDTO(64(DI)(R11*1), Z3)
	ADDTO((DI)(R11*2), Z4)
	ADDTO(64(DI)(R11*2), Z5)
	NEXTDOTCHANNELS(32)
	JMP channels32

channels16:
	TESTQ CX, CX
	JEQ   done
	VPXORD Z0, Z0, Z0
	VPXORD Z2, Z2, Z2
	VPXORD Z4, Z4, Z4
	FIRSTDOTROW

row16:
	FIRSTDOT

pixel16:
	VMOVUPS     (BX), Z8
	VFMADD231PS (AX), Z8, Z0
	VFMADD231PS (AX)(R10*1), Z8, Z2
	VFMADD231PS (AX)(R10*2), Z8, Z4
	NEXTDOT(pixel16, row16)

	ADDTO((DI), Z0)
	ADDTO((DI)(R11*1), Z2)
	ADDTO((DI)(R11*2), Z4)

done:
	VZEROUPPER
	RET
