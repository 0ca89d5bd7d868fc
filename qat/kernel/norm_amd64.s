//go:build !noasm

#include "textflag.h"

// Sums of batch normalisation and its gradient. Channels are the lanes.

// func momentsAVX2(x, shift []float32, sum, sumSq []float64, rows, cols, ld int)
//
//	SI  x of the column        DI  sum of the column    R8  4*ld      R10  rows left
//	DX  shift of the column    BX  sumSq                R9  12*ld     CX   columns left
//
// Rows are added in four interleaved sums: Y0 to Y3 of x-shift, Y4 to Y7 of the squares.
TEXT ·momentsAVX2(SB), NOSPLIT, $0-120
	MOVQ x_base+0(FP), SI
	MOVQ shift_base+24(FP), DX
	MOVQ sum_base+48(FP), DI
	MOVQ sumSq_base+72(FP), BX
	MOVQ cols+104(FP), CX
	MOVQ ld+112(FP), R8
	SHLQ $2, R8
	LEAQ (R8)(R8*2), R9

column:
	MOVQ    SI, AX
	MOVQ    rows+96(FP), R10
	VMOVUPS (DX), Y15
	VXORPS  Y0, Y0, Y0
	VXORPS  Y1, Y1, Y1
	VXORPS  Y2, Y2, Y2
	VXORPS  Y3, Y3, Y3
	VXORPS  Y4, Y4, Y4
	VXORPS  Y5, Y5, Y5
	VXORPS  Y6, Y6, Y6
	VXORPS  Y7, Y7, Y7

rows4:
	SUBQ        $4, R10
	JLT         rest
	VMOVUPS     (AX), Y8
	VMOVUPS     (AX)(R8*1), Y9
	VMOVUPS     (AX)(R8*2), Y10
	VMOVUPS     (AX)(R9*1), Y11
	VSUBPS      Y15, Y8, Y8
	VSUBPS      Y15, Y9, Y9
	VSUBPS      Y15, Y10, Y10
	VSUBPS      Y15, Y11, Y11
	VADDPS      Y8, Y0, Y0
	VADDPS      Y9, Y1, Y1
	VADDPS      Y10, Y2, Y2
	VADDPS      Y11, Y3, Y3
	VFMADD231PS Y8, Y8, Y4
	VFMADD231PS Y9, Y9, Y5
	VFMADD231PS Y10, Y10, Y6
	VFMADD231PS Y11, Y11, Y7
	LEAQ        (AX)(R8*4), AX
	JMP         rows4

rest:
	ADDQ $4, R10
	JEQ  flush

row:
	VMOVUPS     (AX), Y8
	VSUBPS      Y15, Y8, Y8
	VADDPS      Y8, Y0, Y0
	VFMADD231PS Y8, Y8, Y4
	ADDQ        R8, AX
	DECQ        R10
	JNZ         row

flush:
	VADDPS       Y1, Y0, Y0
	VADDPS       Y3, Y2, Y2
	VADDPS       Y2, Y0, Y0
	VADDPS       Y5, Y4, Y4
	VADDPS       Y7, Y6, Y6
	VADDPS       Y6, Y4, Y4
	VCVTPS2PD    X0, Y1
	VEXTRACTF128 $1, Y0, X0
	VCVTPS2PD    X0, Y2
	VADDPD       (DI), Y1, Y1
	VADDPD       32(DI), Y2, Y2
	VMOVUPD      Y1, (DI)
	VMOVUPD      Y2, 32(DI)
	VCVTPS2PD    X4, Y1
	VEXTRACTF128 $1, Y4, X4
	VCVTPS2PD    X4, Y2
	VADDPD       (BX), Y1, Y1
	VADDPD       32(BX), Y2, Y2
	VMOVUPD      Y1, (BX)
	VMOVUPD      Y2, 32(BX)

	ADDQ $32, SI
	ADDQ $32, DX
	ADDQ $64, DI
	ADDQ $64, BX
	SUBQ $8, CX
	JNZ  column
	VZEROUPPER
	RET

// func normApplyAVX2(dx, g1, x, k1, k2, k3 []float32, rows, cols, ld int)
//
//	DI  dx row    DX  x row     R10  k3          R8  4*ld      R11  rows left
//	SI  g1 row    BX  k1        AX   offset      R9  4*cols
//	CX  k2
TEXT ·normApplyAVX2(SB), NOSPLIT, $0-168
	MOVQ dx_base+0(FP), DI
	MOVQ g1_base+24(FP), SI
	MOVQ x_base+48(FP), DX
	MOVQ k1_base+72(FP), BX
	MOVQ k2_base+96(FP), CX
	MOVQ k3_base+120(FP), R10
	MOVQ rows+144(FP), R11
	MOVQ cols+152(FP), R9
	MOVQ ld+160(FP), R8
	SHLQ $2, R9
	SHLQ $2, R8

row:
	XORQ AX, AX

channel:
	VMOVUPS     (CX)(AX*1), Y0
	VMOVUPS     (DX)(AX*1), Y1
	VFMADD213PS (R10)(AX*1), Y0, Y1   // k2*x + k3
	VMOVUPS     (BX)(AX*1), Y0
	VFMADD231PS (SI)(AX*1), Y0, Y1    // + k1*g1
	VMOVUPS     Y1, (DI)(AX*1)
	ADDQ        $32, AX
	CMPQ        AX, R9
	JLT         channel

	ADDQ R8, DI
	ADDQ R8, SI
	ADDQ R8, DX
	DECQ R11
	JNZ  row
	VZEROUPPER
	RET

// func addAVX2(dst, src []float32)
//
// The length of dst is a multiple of eight and not zero.
TEXT ·addAVX2(SB), NOSPLIT, $0-48
	MOVQ dst_base+0(FP), DI
	MOVQ dst_len+8(FP), CX
	MOVQ src_base+24(FP), SI

lanes:
	VMOVUPS (SI), Y0
	VADDPS  (DI), Y0, Y0
	VMOVUPS Y0, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DI
	SUBQ    $8, CX
	JNZ     lanes
	VZEROUPPER
	RET
