//go:build !noasm

#include "textflag.h"

// The loop of depthwise_amd64.s with AVX-512: 32 channels at a time, then 16. The taps of an output are
// added in the same order there and here, so the results agree to the bit.
//
//	DI  y of the pixel           R8   xPixel        R12  rows of taps left
//	SI  x of the pixel           R9   3*xPixel      R13  taps left in the row
//	DX  w                        R10  xCol          R14  x at the row's first tap
//	AX  x under the tap          R11  wCol          R15  w of the row's first tap
//	BX  w of the tap             CX   pixels left

// Variables in the frame.
#define YLINE 0(SP)
#define XLINE 8(SP)
#define LINES 16(SP)

#define FIRSTLINE \
	MOVQ y_base+0(FP), DI   \
	MOVQ x_base+24(FP), SI  \
	MOVQ lines+96(FP), AX   \
	MOVQ DI, YLINE          \
	MOVQ SI, XLINE          \
	MOVQ AX, LINES          \
	MOVQ pixels+104(FP), CX

#define NEXTLINE(line) \
	MOVQ YLINE, DI              \
	MOVQ XLINE, SI              \
	ADDQ yLine+136(FP), DI      \
	ADDQ xLine+152(FP), SI      \
	MOVQ DI, YLINE              \
	MOVQ SI, XLINE              \
	MOVQ pixels+104(FP), CX     \
	DECQ LINES                  \
	JNZ  line

#define FIRSTROW \
	MOVQ SI, R14             \
	MOVQ DX, R15             \
	MOVQ rows+120(FP), R12

#define FIRSTTAP \
	MOVQ R14, AX             \
	MOVQ R15, BX             \
	MOVQ cols+128(FP), R13

#define ADVANCE \
	ADDQ R10, AX  \
	ADDQ R11, BX

#define NEXTROW(row) \
	ADDQ xRow+168(FP), R14     \
	ADDQ wRow+184(FP), R15     \
	DECQ R12                   \
	JNZ  row

// Four pixels stored: on to the next four.
#define NEXT4PIXELS \
	LEAQ (DI)(AX*2), DI  \
	LEAQ (SI)(R8*4), SI  \
	SUBQ $4, CX

#define NEXTPIXEL \
	ADDQ yPixel+144(FP), DI  \
	ADDQ R8, SI              \
	DECQ CX

// One tap of 4 pixels x 32 channels, of 1 x 32, of 4 x 16 and of 1 x 16.
#define TAP4X32Z \
	VMOVUPS     (BX), Z8               \
	VMOVUPS     64(BX), Z9             \
	VFMADD231PS (AX), Z8, Z0           \
	VFMADD231PS 64(AX), Z9, Z1         \
	VFMADD231PS (AX)(R8*1), Z8, Z2     \
	VFMADD231PS 64(AX)(R8*1), Z9, Z3   \
	VFMADD231PS (AX)(R8*2), Z8, Z4     \
	VFMADD231PS 64(AX)(R8*2), Z9, Z5   \
	VFMADD231PS (AX)(R9*1), Z8, Z6     \
	VFMADD231PS 64(AX)(R9*1), Z9, Z7   \
	ADVANCE

#define TAP1X32Z \
	VMOVUPS     (BX), Z8        \
	VMOVUPS     64(BX), Z9      \
	VFMADD231PS (AX), Z8, Z0    \
	VFMADD231PS 64(AX), Z9, Z1  \
	ADVANCE

#define TAP4X16Z \
	VMOVUPS     (BX), Z8            \
	VFMADD231PS (AX), Z8, Z0        \
	VFMADD231PS (AX)(R8*1), Z8, Z2  \
	VFMADD231PS (AX)(R8*2), Z8, Z4  \
	VFMADD231PS (AX)(R9*1), Z8, Z6  \
	ADVANCE

#define TAP1X16Z \
	VMOVUPS     (BX), Z8      \
	VFMADD231PS (AX), Z8, Z0  \
	ADVANCE

// func tapsAVX512(y, x, w []float32, y0, x0, w0, lines, pixels, channels, rows, cols, yLine, yPixel, xLine, xPixel, xRow, xCol, wRow, wCol int)
TEXT ·tapsAVX512(SB), NOSPLIT, $24-200
	MOVQ y0+72(FP), AX
	SHLQ $2, AX
	ADDQ AX, y_base+0(FP)
	MOVQ x0+80(FP), AX
	SHLQ $2, AX
	ADDQ AX, x_base+24(FP)
	MOVQ w_base+48(FP), DX
	MOVQ w0+88(FP), AX
	LEAQ (DX)(AX*4), DX
	SHLQ $2, yLine+136(FP)
	SHLQ $2, yPixel+144(FP)
	SHLQ $2, xLine+152(FP)
	MOVQ xPixel+160(FP), R8
	SHLQ $2, R8
	LEAQ (R8)(R8*2), R9
	SHLQ $2, xRow+168(FP)
	MOVQ xCol+176(FP), R10
	SHLQ $2, R10
	SHLQ $2, wRow+184(FP)
	MOVQ wCol+192(FP), R11
	SHLQ $2, R11

channels32:
	CMPQ channels+112(FP), $32
	JLT  channels16
	FIRSTLINE

line32:
	CMPQ CX, $4
	JLT  pixel32
	VPXORD Z0, Z0, Z0
	VPXORD Z1, Z1, Z1
	VPXORD Z2, Z2, Z2
	VPXORD Z3, Z3, Z3
	VPXORD Z4, Z4, Z4
	VPXORD Z5, Z5, Z5
	VPXORD Z6, Z6, Z6
	VPXORD Z7, Z7, Z7
	FIRSTROW

row4x32:
	FIRSTTAP

three4x32:
	SUBQ $3, R13
	JLT  rest4x32
	TAP4X32Z
	TAP4X32Z
	TAP4X32Z
	JMP  three4x32

rest4x32:
	ADDQ $3, R13
	JEQ  next4x32

tap4x32:
	TAP4X32Z
	DECQ R13
	JNZ  tap4x32

next4x32:
	NEXTROW(row4x32)
	MOVQ    yPixel+144(FP), AX
	VMOVUPS Z0, (DI)
	VMOVUPS Z1, 64(DI)
	VMOVUPS Z2, (DI)(AX*1)
	VMOVUPS Z3, 64(DI)(AX*1)
	LEAQ    (DI)(AX*2), DI
	VMOVUPS Z4, (DI)
	VMOVUPS Z5, 64(DI)
	VMOVUPS Z6, (DI)(AX*1)
	VMOVUPS Z7, 64(DI)(AX*1)
	NEXT4PIXELS
	JMP line32

pixel32:
	TESTQ CX, CX
	JEQ   nextline32
	VPXORD Z0, Z0, Z0
	VPXORD Z1, Z1, Z1
	FIRSTROW

row1x32:
	FIRSTTAP

tap1x32:
	TAP1X32Z
	DECQ R13
	JNZ  tap1x32
	NEXTROW(row1x32)
	VMOVUPS Z0, (DI)
	VMOVUPS Z1, 64(DI)
	NEXTPIXEL
	JMP pixel32

nextline32:
	NEXTLINE(line32)
	ADDQ $128, y_base+0(FP)
	ADDQ $128, x_base+24(FP)
	ADDQ $128, DX
	SUBQ $32, channels+112(FP)
	JMP  channels32

channels16:
	CMPQ channels+112(FP), $0
	JEQ  done
	FIRSTLINE

line16:
	CMPQ CX, $4
	JLT  pixel16
	VPXORD Z0, Z0, Z0
	VPXORD Z2, Z2, Z2
	VPXORD Z4, Z4, Z4
	VPXORD Z6, Z6, Z6
	FIRSTROW

row4x16:
	FIRSTTAP

tap4x16:
	TAP4X16Z
	DECQ R13
	JNZ  tap4x16
	NEXTROW(row4x16)
	MOVQ    yPixel+144(FP), AX
	VMOVUPS Z0, (DI)
	VMOVUPS Z2, (DI)(AX*1)
	LEAQ    (DI)(AX*2), DI
	VMOVUPS Z4, (DI)
	VMOVUPS Z6, (DI)(AX*1)
	NEXT4PIXELS
	JMP line16

pixel16:
	TESTQ CX, CX
	JEQ   nextline16
	VPXORD Z0, Z0, Z0
	FIRSTROW

row1x16:
	FIRSTTAP

tap1x16:
	TAP1X16Z
	DECQ R13
	JNZ  tap1x16
	NEXTROW(row1x16)
	VMOVUPS Z0, (DI)
	NEXTPIXEL
	JMP pixel16

nextline16:
	NEXTLINE(line16)

done:
	VZEROUPPER
	RET
