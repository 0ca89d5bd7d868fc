//go:build !noasm

#include "textflag.h"

// Forward pass of the normalisation, activation and fake-quantization; see epilogue.go. Channels are the
// lanes. VMAXPS and VMINPS return their first operand here if one is NaN: it is always the data.

// func epilogueForwardAVX2(y, x, residual, scale, shift []float32, rows, cols, ld int, p thresholds)
//
//	DI  y row          CX  scale       R8   p.quantize    R10  4*cols
//	SI  x row          BX  shift       R9   4*ld          R11  rows left
//	DX  residual row   AX  offset of the channel
TEXT ·epilogueForwardAVX2(SB), NOSPLIT, $0-184
	MOVQ    y_base+0(FP), DI
	MOVQ    x_base+24(FP), SI
	MOVQ    residual_base+48(FP), DX
	MOVQ    scale_base+72(FP), CX
	MOVQ    shift_base+96(FP), BX
	MOVQ    rows+120(FP), R11
	MOVQ    cols+128(FP), R10
	MOVQ    ld+136(FP), R9
	SHLQ    $2, R10
	SHLQ    $2, R9
	MOVBLZX p_quantize+176(FP), R8

	VBROADCASTSS p_clipLo+144(FP), Y8
	VBROADCASTSS p_clipHi+148(FP), Y9
	VBROADCASTSS p_step+168(FP), Y10

row:
	XORQ AX, AX

channel:
	VMOVUPS     (CX)(AX*1), Y1
	VMOVUPS     (SI)(AX*1), Y0
	VFMADD213PS (BX)(AX*1), Y1, Y0    // v = scale*x + shift
	TESTQ       DX, DX
	JEQ         clip
	VADDPS      (DX)(AX*1), Y0, Y0

clip:
	VMAXPS Y0, Y8, Y0
	VMINPS Y0, Y9, Y0
	TESTQ  R8, R8
	JEQ    store
	VDIVPS   Y10, Y0, Y0
	VROUNDPS $0, Y0, Y0               // to nearest, ties to even
	VMULPS   Y10, Y0, Y0

store:
	VMOVUPS Y0, (DI)(AX*1)
	ADDQ    $32, AX
	CMPQ    AX, R10
	JLT     channel

	ADDQ  R9, DI
	ADDQ  R9, SI
	TESTQ DX, DX
	JEQ   next
	ADDQ  R9, DX

next:
	DECQ R11
	JNZ  row
	VZEROUPPER
	RET
