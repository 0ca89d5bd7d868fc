//go:build !noasm

#include "funcdata.h"
#include "textflag.h"

// The backward pass of epilogue_backward_amd64.s with sixteen channels a column. Comparisons leave masks,
// and the constants have registers of their own. The arithmetic of an element is the same, and so is the
// order of the sums: the results agree to the bit.

// Vectors and tables in the frame.
#define DSTEP512    0(SP)    // four float64 sums
#define DMAX512     64(SP)
#define COEF(i)     128+4*i(SP)  // coefficients of the surrogate: P4 to P0 times delta, Q3 to Q0
#define U512(i)     192(SP)(i*1) // of a column: u, e and delta*phi of each row
#define E512(i)     2240(SP)(i*1)
#define PHI512(i)   4288(SP)(i*1)

// Copies a coefficient of P times the delta in X1, and one of Q.
#define COPYTIMESDELTA(source, slot) \
	VMOVSS source, X0      \
	VMULSS X1, X0, X0      \
	VMOVSS X0, slot

#define COPY(source, slot) \
	VMOVSS source, X0  \
	VMOVSS X0, slot

// u in Z3 and e in Z4, of v in Z1.
#define QUANTIZE512 \
	VMAXPS      Z16, Z1, Z3  \
	VMINPS      Z17, Z3, Z3  \
	VDIVPS      Z22, Z3, Z3  \
	VRNDSCALEPS $0, Z3, Z4   \
	VSUBPS      Z4, Z3, Z4

// Adds the eight float32 of yv to the four float64 of slot: lanes i and i+4.
#define FOLD8(yv, xv, slot) \
	VCVTPS2PD    xv, Y0        \
	VEXTRACTF128 $1, yv, X1    \
	VCVTPS2PD    X1, Y1        \
	VADDPD       Y1, Y0, Y0    \
	VADDPD       slot, Y0, Y0  \
	VMOVUPD      Y0, slot

// The same with both halves of v, one after the other. Lanes without a channel are zero.
#define FOLD512(v, yv, xv, slot) \
	FOLD8(yv, xv, slot)        \
	VEXTRACTF64X4 $1, v, Y2    \
	FOLD8(Y2, X2, slot)

// Adds the float32 of v to the float64 at base, those of K4 and K5.
#define FLUSH512(v, yv, base) \
	VCVTPS2PD     yv, Z0           \
	VEXTRACTF64X4 $1, v, Y1        \
	VCVTPS2PD     Y1, Z1           \
	VADDPD        (base), Z0, K4, Z0   \
	VADDPD        64(base), Z1, K5, Z1 \
	VMOVUPD       Z0, K4, (base)       \
	VMOVUPD       Z1, K5, 64(base)

// result = the sum of the four float64 in slot.
#define TOTALSD512(slot, result) \
	VMOVUPD      slot, Y0    \
	VEXTRACTF128 $1, Y0, X1  \
	VADDPD       X1, X0, X0  \
	VHADDPD      X0, X0, X0  \
	VMOVSD       X0, result

// func epilogueBackwardAVX512(g1, dy, x, residual, scale, shift, mean []float32, sumG, sumGX []float64, rows, cols, ld int, p thresholds) (dStep, dMax float64)
//
//	DI  g1          R8   4*ld                  AX  offset of the column in the rows
//	SI  dy          R9   rows left             BX  columns left
//	DX  x           R10  channel vectors       R12 p.quantize
//	CX  residual    R11  offset in the row     R13 p.surrogate
//
//	Z9 sum dMax    Z10 sum dStep    Z11 sum g1*(x-mean)    Z12 sum g1    Z13 mean    Z14 shift    Z15 scale
//	Z16 clipLo     Z17 clipHi       Z18 insideLo           Z19 insideHi  Z20 above   Z21 below    Z22 step
//	Z23 delta      Z24 all bits but the sign               Z25 1/4
//
//	K4  channels of the column, lanes 0 to 7 among them    K5 lanes 8 to 15, as lanes of eight
//
// cols is a multiple of eight: the last column may be half empty. rows is at most 32, as the frame has room for.
TEXT ·epilogueBackwardAVX512(SB), 0, $6336-296
	NO_LOCAL_POINTERS
	MOVQ    g1_base+0(FP), DI
	MOVQ    dy_base+24(FP), SI
	MOVQ    x_base+48(FP), DX
	MOVQ    residual_base+72(FP), CX
	MOVQ    cols+224(FP), BX
	MOVQ    ld+232(FP), R8
	SHLQ    $2, R8
	MOVBLZX p_quantize+272(FP), R12
	MOVLQSX p_surrogate+276(FP), R13

	VBROADCASTSS p_clipLo+240(FP), Z16
	VBROADCASTSS p_clipHi+244(FP), Z17
	VBROADCASTSS p_insideLo+248(FP), Z18
	VBROADCASTSS p_insideHi+252(FP), Z19
	VBROADCASTSS p_above+256(FP), Z20
	VBROADCASTSS p_below+260(FP), Z21
	VBROADCASTSS p_step+264(FP), Z22
	VBROADCASTSS p_delta+268(FP), Z23
	VBROADCASTSS ·atanhTable+0(SB), Z25
	VPTERNLOGD   $0xff, Z24, Z24, Z24
	VPSRLD       $1, Z24, Z24
	VPXORD       Z0, Z0, Z0
	VMOVUPD      Y0, DSTEP512
	VMOVUPD      Y0, DMAX512
	VMOVSS       p_delta+268(FP), X1
	COPYTIMESDELTA(·atanhTable+4(SB), COEF(0))
	COPYTIMESDELTA(·atanhTable+8(SB), COEF(1))
	COPYTIMESDELTA(·atanhTable+12(SB), COEF(2))
	COPYTIMESDELTA(·atanhTable+16(SB), COEF(3))
	COPYTIMESDELTA(·atanhTable+20(SB), COEF(4))
	COPY(·atanhTable+24(SB), COEF(5))
	COPY(·atanhTable+28(SB), COEF(6))
	COPY(·atanhTable+32(SB), COEF(7))
	COPY(·atanhTable+36(SB), COEF(8))
	XORQ AX, AX

	MOVL  $0xffff, R9
	KMOVW R9, K4

column:
	CMPQ  BX, $16
	JGE   full
	MOVL  $0xff, R9
	KMOVW R9, K4

full:
	KSHIFTRW  $8, K4, K5
	MOVQ      rows+216(FP), R9
	MOVQ      scale_base+96(FP), R10
	VMOVUPS.Z (R10)(AX*1), K4, Z15
	MOVQ      shift_base+120(FP), R10
	VMOVUPS.Z (R10)(AX*1), K4, Z14
	MOVQ      mean_base+144(FP), R10
	VMOVUPS.Z (R10)(AX*1), K4, Z13
	VPXORD  Z12, Z12, Z12
	VPXORD  Z11, Z11, Z11
	VPXORD  Z10, Z10, Z10
	VPXORD  Z9, Z9, Z9
	MOVQ    AX, R11
	XORQ    R10, R10
	TESTQ   R12, R12
	JEQ     row
	CMPQ    R13, $2
	JNE     row

	// The coefficients, which the main loop does not need.
	VBROADCASTSS COEF(0), Z26
	VBROADCASTSS COEF(1), Z27
	VBROADCASTSS COEF(2), Z28
	VBROADCASTSS COEF(3), Z29
	VBROADCASTSS COEF(5), Z30
	VBROADCASTSS COEF(6), Z31

atanh:
	VMOVUPS.Z    (DX)(R11*1), K4, Z1
	VFMADD213PS  Z14, Z15, Z1          // v = scale*x + shift
	TESTQ        CX, CX
	JEQ          phi
	VADDPS       (CX)(R11*1), Z1, K4, Z1

phi:
	QUANTIZE512
	VMOVAPS           Z25, Z5
	VFNMADD231PS      Z4, Z4, Z5       // w = 1/4 - e^2
	VMOVAPS           Z26, Z6
	VMOVAPS           Z30, Z7
	VFMADD213PS       Z27, Z5, Z6
	VFMADD213PS       Z31, Z5, Z7
	VFMADD213PS       Z28, Z5, Z6
	VFMADD213PS.BCST  COEF(7), Z5, Z7
	VFMADD213PS       Z29, Z5, Z6
	VFMADD213PS.BCST  COEF(8), Z5, Z7
	VFMADD213PS.BCST  COEF(4), Z5, Z6
	VDIVPS            Z7, Z6, Z6
	VMULPS            Z6, Z4, Z5       // delta*phi
	VMOVUPS           Z3, U512(R10)
	VMOVUPS           Z4, E512(R10)
	VMOVUPS           Z5, PHI512(R10)
	ADDQ              R8, R11
	ADDQ              $64, R10
	DECQ              R9
	JNZ               atanh

	MOVQ rows+216(FP), R9
	MOVQ AX, R11
	XORQ R10, R10

row:
	VMOVUPS.Z   (DX)(R11*1), K4, Z0    // x
	VMOVUPS.Z   (SI)(R11*1), K4, Z8    // g
	VMOVAPS     Z0, Z1
	VFMADD213PS Z14, Z15, Z1           // v = scale*x + shift
	TESTQ       CX, CX
	JEQ         quantizer
	VADDPS      (CX)(R11*1), Z1, K4, Z1

quantizer:
	TESTQ R12, R12
	JEQ   activation

	CMPQ         R13, $2
	JEQ          load
	QUANTIZE512
	VFNMADD231PS Z4, Z8, Z10           // dStep -= g*e
	VMOVAPS      Z8, Z6                // STE: g*s = g
	CMPQ         R13, $1
	JLT          saturation
	VMULPS       Z23, Z4, Z5           // EWGS: delta*phi, phi = e
	JMP          surrogate

load:
	VMOVUPS      U512(R10), Z3
	VFNMADD231PS E512(R10), Z8, Z10
	VMOVUPS      PHI512(R10), Z5
	ADDQ         $64, R10

surrogate:
	VPANDD       Z24, Z8, Z6
	VMULPS       Z6, Z5, Z5            // q = delta*phi*|g|
	VADDPS       Z5, Z8, Z6            // g*s = g + q
	VFNMADD231PS Z5, Z3, Z10           // dStep -= q*u

saturation:
	VCMPPS  $0x1d, Z20, Z1, K1         // v >= above
	VCMPPS  $0x12, Z21, Z1, K2         // v <= below
	VADDPS  Z6, Z9, K1, Z9             // dMax += g*s above
	VSUBPS  Z6, Z9, K2, Z9             // dMax -= g*s below
	VMOVAPS Z6, Z8

activation:
	VCMPPS      $0x1e, Z18, Z1, K3     // v > insideLo
	VCMPPS      $0x11, Z19, Z1, K3, K3 // and v < insideHi
	VMOVAPS.Z   Z8, K3, Z8             // g1
	VMOVUPS     Z8, K4, (DI)(R11*1)
	VADDPS      Z8, Z12, Z12
	VSUBPS      Z13, Z0, Z0
	VFMADD231PS Z0, Z8, Z11

	ADDQ R8, R11
	DECQ R9
	JNZ  row

	FOLD512(Z10, Y10, X10, DSTEP512)
	FOLD512(Z9, Y9, X9, DMAX512)
	MOVQ sumG_base+168(FP), R10
	LEAQ (R10)(AX*2), R10
	FLUSH512(Z12, Y12, R10)
	MOVQ sumGX_base+192(FP), R10
	LEAQ (R10)(AX*2), R10
	FLUSH512(Z11, Y11, R10)

	ADDQ $64, AX
	SUBQ $16, BX
	JGT  column

	TOTALSD512(DSTEP512, dStep+280(FP))
	TOTALSD512(DMAX512, dMax+288(FP))
	VZEROUPPER
	RET
