//go:build !noasm

#include "textflag.h"

// The loop of the depthwise convolution and of its input's gradient, AVX2 and FMA. Channels are the
// lanes: 16 at a time, then 8; pixels of a line are taken 4 at a time, then singly. Offsets and strides
// arrive as counts of floats and are scaled to bytes, partly in place.
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

// One tap of 4 pixels x 16 channels, of 1 x 16, of 4 x 8 and of 1 x 8.
#define TAP4X16 \
	VMOVUPS     (BX), Y8               \
	VMOVUPS     32(BX), Y9             \
	VFMADD231PS (AX), Y8, Y0           \
	VFMADD231PS 32(AX), Y9, Y1         \
	VFMADD231PS (AX)(R8*1), Y8, Y2     \
	VFMADD231PS 32(AX)(R8*1), Y9, Y3   \
	VFMADD231PS (AX)(R8*2), Y8, Y4     \
	VFMADD231PS 32(AX)(R8*2), Y9, Y5   \
	VFMADD231PS (AX)(R9*1), Y8, Y6     \
	VFMADD231PS 32(AX)(R9*1), Y9, Y7   \
	ADVANCE

#define TAP1X16 \
	VMOVUPS     (BX), Y8        \
	VMOVUPS     32(BX), Y9      \
	VFMADD231PS (AX), Y8, Y0    \
	VFMADD231PS 32(AX), Y9, Y1  \
	ADVANCE

#define TAP4X8 \
	VMOVUPS     (BX), Y8            \
	VFMADD231PS (AX), Y8, Y0        \
	VFMADD231PS (AX)(R8*1), Y8, Y2  \
	VFMADD231PS (AX)(R8*2), Y8, Y4  \
	VFMADD231PS (AX)(R9*1), Y8, Y6  \
	ADVANCE

#define TAP1X8 \
	VMOVUPS     (BX), Y8      \
	VFMADD231PS (AX), Y8, Y0  \
	ADVANCE

// func tapsAVX2(y, x, w []float32, y0, x0, w0, lines, pixels, channels, rows, cols, yLine, yPixel, xLine, xPixel, xRow, xCol, wRow, wCol int)
TEXT ·tapsAVX2(SB), NOSPLIT, $24-200
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

channels16:
	CMPQ channels+112(FP), $16
	JLT  channels8
	FIRSTLINE

line16:
	CMPQ CX, $4
	JLT  pixel16
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	VXORPS Y7, Y7, Y7
	FIRSTROW

row4x16:
	FIRSTTAP

three4x16:
	SUBQ $3, R13
	JLT  rest4x16
	TAP4X16
	TAP4X16
	TAP4X16
	JMP  three4x16

rest4x16:
	ADDQ $3, R13
	JEQ  next4x16

tap4x16:
	TAP4X16
	DECQ R13
	JNZ  tap4x16

next4x16:
	NEXTROW(row4x16)
	MOVQ    yPixel+144(FP), AX
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	VMOVUPS Y2, (DI)(AX*1)
	VMOVUPS Y3, 32(DI)(AX*1)
	LEAQ    (DI)(AX*2), DI
	VMOVUPS Y4, (DI)
	VMOVUPS Y5, 32(DI)
	VMOVUPS Y6, (DI)(AX*1)
	VMOVUPS Y7, 32(DI)(AX*1)
	NEXT4PIXELS
	JMP line16

pixel16:
	TESTQ CX, CX
	JEQ   nextline16
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	FIRSTROW

row1x16:
	FIRSTTAP

tap1x16:
	TAP1X16
	DECQ R13
	JNZ  tap1x16
	NEXTROW(row1x16)
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	NEXTPIXEL
	JMP pixel16

nextline16:
	NEXTLINE(line16)
	ADDQ $64, y_base+0(FP)
	ADDQ $64, x_base+24(FP)
	ADDQ $64, DX
	SUBQ $16, channels+112(FP)
	JMP  channels16

channels8:
	CMPQ channels+112(FP), $0
	JEQ  done
	FIRSTLINE

line8:
	CMPQ CX, $4
	JLT  pixel8
	VXORPS Y0, Y0, Y0
	VXORPS Y2, Y2, Y2
	VXORPS Y4, Y4, Y4
	VXORPS Y6, Y6, Y6
	FIRSTROW

row4x8:
	FIRSTTAP

tap4x8:
	TAP4X8
	DECQ R13
	JNZ  tap4x8
	NEXTROW(row4x8)
	MOVQ    yPixel+144(FP), AX
	VMOVUPS Y0, (DI)
	VMOVUPS Y2, (DI)(AX*1)
	LEAQ    (DI)(AX*2), DI
	VMOVUPS Y4, (DI)
	VMOVUPS Y6, (DI)(AX*1)
	NEXT4PIXELS
	JMP line8

pixel8:
	TESTQ CX, CX
	JEQ   nextline8
	VXORPS Y0, Y0, Y0
	FIRSTROW

row1x8:
	FIRSTTAP

tap1x8:
	TAP1X8
	DECQ R13
	JNZ  tap1x8
	NEXTROW(row1x8)
	VMOVUPS Y0, (DI)
	NEXTPIXEL
	JMP pixel8

nextline8:
	NEXTLINE(line8)

done:
	VZEROUPPER
	RET
