//go:build !noasm

#include "funcdata.h"
#include "textflag.h"

// Backward pass of the normalisation, activation and fake-quantization; see epilogue.go. Eight channels
// are the lanes of one column, and a column is followed through all rows, so that the sums over the rows
// stay in registers. They are added to the sums in float64 at the end of the column.

// The surrogate ATanh is evaluated as the rational function
//
//	phi(e) = e*P(w)/Q(w),  w = 1/4 - e^2
//
// that interpolates atanh(1.9e)/(2*atanh(0.95)) in eight points of e^2, placed so that the largest
// error, 1.3e-7, recurs between them. Powers of w, not of e^2, keep P and Q from cancelling near
// |e| = 1/2, where the pole of atanh at e = 0.526 is close.
DATA ·atanhTable+0(SB)/4, $0.25
DATA ·atanhTable+4(SB)/4, $-1.7903005072226894  // P: w^4
DATA ·atanhTable+8(SB)/4, $7.142872692791931
DATA ·atanhTable+12(SB)/4, $6.524364516058211
DATA ·atanhTable+16(SB)/4, $0.8123279651928972
DATA ·atanhTable+20(SB)/4, $0.021726704101601192
DATA ·atanhTable+24(SB)/4, $27.78089918224358  // Q: w^3
DATA ·atanhTable+28(SB)/4, $11.45051861256406
DATA ·atanhTable+32(SB)/4, $1.0
DATA ·atanhTable+36(SB)/4, $0.021726709679896636
GLOBL ·atanhTable(SB), RODATA|NOPTR, $40

// Vectors in the frame.
#define CLIPLO   0(SP)
#define CLIPHI   32(SP)
#define INSIDELO 64(SP)
#define INSIDEHI 96(SP)
#define ABOVE    128(SP)
#define BELOW    160(SP)
#define STEP     192(SP)
#define DELTA    224(SP)
#define ABS      256(SP)  // all bits but the sign
#define QUARTER  288(SP)
#define P4       320(SP)  // coefficients of P, times delta
#define P3       352(SP)
#define P2       384(SP)
#define P1       416(SP)
#define P0       448(SP)
#define Q3       480(SP)
#define Q2       512(SP)
#define Q1       544(SP)
#define Q0       576(SP)
#define DSTEP    608(SP)  // four float64 sums
#define DMAX     640(SP)
#define U(i)     672(SP)(i*1)   // of a column: u, e and delta*phi of each row
#define E(i)     1696(SP)(i*1)
#define PHI(i)   2720(SP)(i*1)

#define SPREADSS(source, slot) \
	VBROADCASTSS source, Y0  \
	VMOVUPS      Y0, slot

// Spreads a coefficient of P, times the delta in Y1.
#define SPREADTIMESDELTASS(source, slot) \
	VBROADCASTSS source, Y0  \
	VMULPS       Y1, Y0, Y0  \
	VMOVUPS      Y0, slot

// u in Y3 and e in Y4, of v in Y1.
#define QUANTIZE \
	VMAXPS   CLIPLO, Y1, Y3  \
	VMINPS   CLIPHI, Y3, Y3  \
	VDIVPS   STEP, Y3, Y3    \
	VROUNDPS $0, Y3, Y4      \
	VSUBPS   Y4, Y3, Y4

// Adds the eight float32 of v to the four float64 of slot: lanes i and i+4.
#define FOLD(v, xv, slot) \
	VCVTPS2PD    xv, Y0        \
	VEXTRACTF128 $1, v, X1     \
	VCVTPS2PD    X1, Y1        \
	VADDPD       Y1, Y0, Y0    \
	VADDPD       slot, Y0, Y0  \
	VMOVUPD      Y0, slot

// Adds the eight float32 of v to the eight float64 at base.
#define FLUSH(v, xv, base) \
	VCVTPS2PD    xv, Y0          \
	VEXTRACTF128 $1, v, X1       \
	VCVTPS2PD    X1, Y1          \
	VADDPD       (base), Y0, Y0  \
	VADDPD       32(base), Y1, Y1 \
	VMOVUPD      Y0, (base)      \
	VMOVUPD      Y1, 32(base)

// result = the sum of the four float64 in slot.
#define TOTALSD(slot, result) \
	VMOVUPD      slot, Y0    \
	VEXTRACTF128 $1, Y0, X1  \
	VADDPD       X1, X0, X0  \
	VHADDPD      X0, X0, X0  \
	VMOVSD       X0, result

// func epilogueBackwardAVX2(g1, dy, x, residual, scale, shift, mean []float32, sumG, sumGX []float64, rows, cols, ld int, p thresholds) (dStep, dMax float64)
//
//	DI  g1          R8   4*ld                  AX  offset of the column in the rows
//	SI  dy          R9   rows left             BX  columns left
//	DX  x           R10  channel vectors       R12 p.quantize
//	CX  residual    R11  offset in the row     R13 p.surrogate
//
//	Y9 sum dMax    Y10 sum dStep    Y11 sum g1*(x-mean)    Y12 sum g1    Y13 mean    Y14 shift    Y15 scale
//
// The loops over the rows are bound by their latency and by the number of vector registers that a core
// can rename. So they avoid intermediate values more than instructions, and ATanh has a loop of its own
// before the main one. rows is at most 32, as the frame has room for.
TEXT ·epilogueBackwardAVX2(SB), 0, $3744-296
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

	SPREADSS(p_clipLo+240(FP), CLIPLO)
	SPREADSS(p_clipHi+244(FP), CLIPHI)
	SPREADSS(p_insideLo+248(FP), INSIDELO)
	SPREADSS(p_insideHi+252(FP), INSIDEHI)
	SPREADSS(p_above+256(FP), ABOVE)
	SPREADSS(p_below+260(FP), BELOW)
	SPREADSS(p_step+264(FP), STEP)
	SPREADSS(p_delta+268(FP), DELTA)
	VPCMPEQD Y2, Y2, Y2
	VPSRLD   $1, Y2, Y2
	VMOVUPS  Y2, ABS
	VXORPS   Y1, Y1, Y1
	VMOVUPD  Y1, DSTEP
	VMOVUPD  Y1, DMAX
	VMOVUPS DELTA, Y1
	SPREADSS(·atanhTable+0(SB), QUARTER)
	SPREADTIMESDELTASS(·atanhTable+4(SB), P4)
	SPREADTIMESDELTASS(·atanhTable+8(SB), P3)
	SPREADTIMESDELTASS(·atanhTable+12(SB), P2)
	SPREADTIMESDELTASS(·atanhTable+16(SB), P1)
	SPREADTIMESDELTASS(·atanhTable+20(SB), P0)
	SPREADSS(·atanhTable+24(SB), Q3)
	SPREADSS(·atanhTable+28(SB), Q2)
	SPREADSS(·atanhTable+32(SB), Q1)
	SPREADSS(·atanhTable+36(SB), Q0)
	XORQ AX, AX

column:
	MOVQ    rows+216(FP), R9
	MOVQ    scale_base+96(FP), R10
	VMOVUPS (R10)(AX*1), Y15
	MOVQ    shift_base+120(FP), R10
	VMOVUPS (R10)(AX*1), Y14
	MOVQ    mean_base+144(FP), R10
	VMOVUPS (R10)(AX*1), Y13
	VXORPS  Y12, Y12, Y12
	VXORPS  Y11, Y11, Y11
	VXORPS  Y10, Y10, Y10
	VXORPS  Y9, Y9, Y9
	MOVQ    AX, R11
	XORQ    R10, R10
	TESTQ   R12, R12
	JEQ     row
	CMPQ    R13, $2
	JNE     row

atanh:
	VMOVUPS      (DX)(R11*1), Y1
	VFMADD213PS  Y14, Y15, Y1          // v = scale*x + shift
	TESTQ        CX, CX
	JEQ          phi
	VADDPS       (CX)(R11*1), Y1, Y1

phi:
	QUANTIZE
	VMOVUPS      QUARTER, Y5
	VFNMADD231PS Y4, Y4, Y5            // w = 1/4 - e^2
	VMOVUPS      P4, Y6
	VMOVUPS      Q3, Y7
	VFMADD213PS  P3, Y5, Y6
	VFMADD213PS  Q2, Y5, Y7
	VFMADD213PS  P2, Y5, Y6
	VFMADD213PS  Q1, Y5, Y7
	VFMADD213PS  P1, Y5, Y6
	VFMADD213PS  Q0, Y5, Y7
	VFMADD213PS  P0, Y5, Y6
	VDIVPS       Y7, Y6, Y6
	VMULPS       Y6, Y4, Y5            // delta*phi
	VMOVUPS      Y3, U(R10)
	VMOVUPS      Y4, E(R10)
	VMOVUPS      Y5, PHI(R10)
	ADDQ         R8, R11
	ADDQ         $32, R10
	DECQ         R9
	JNZ          atanh

	MOVQ rows+216(FP), R9
	MOVQ AX, R11
	XORQ R10, R10

row:
	VMOVUPS     (DX)(R11*1), Y0        // x
	VMOVUPS     (SI)(R11*1), Y8        // g
	VMOVAPS     Y0, Y1
	VFMADD213PS Y14, Y15, Y1           // v = scale*x + shift
	TESTQ       CX, CX
	JEQ         quantizer
	VADDPS      (CX)(R11*1), Y1, Y1

quantizer:
	TESTQ R12, R12
	JEQ   activation

	CMPQ         R13, $2
	JEQ          load
	QUANTIZE
	VFNMADD231PS Y4, Y8, Y10           // dStep -= g*e
	VMOVAPS      Y8, Y6                // STE: g*s = g
	CMPQ         R13, $1
	JLT          saturation
	VMULPS       DELTA, Y4, Y5         // EWGS: delta*phi, phi = e
	JMP          surrogate

load:
	VMOVUPS      U(R10), Y3
	VFNMADD231PS E(R10), Y8, Y10
	VMOVUPS      PHI(R10), Y5
	ADDQ         $32, R10

surrogate:
	VANDPS ABS, Y8, Y6
	VMULPS Y6, Y5, Y5                  // q = delta*phi*|g|
	VADDPS Y5, Y8, Y6                  // g*s = g + q
	VFNMADD231PS Y5, Y3, Y10           // dStep -= q*u

saturation:
	VCMPPS  $0x1d, ABOVE, Y1, Y7       // v >= above
	VCMPPS  $0x12, BELOW, Y1, Y4       // v <= below
	VANDPS  Y6, Y7, Y7
	VANDPS  Y6, Y4, Y4
	VADDPS  Y7, Y9, Y9                 // dMax += g*s above
	VSUBPS  Y4, Y9, Y9                 // dMax -= g*s below
	VMOVAPS Y6, Y8

activation:
	VCMPPS  $0x1e, INSIDELO, Y1, Y2    // v > insideLo
	VCMPPS  $0x11, INSIDEHI, Y1, Y3    // v < insideHi
	VANDPS  Y2, Y8, Y8
	VANDPS  Y3, Y8, Y8                 // g1
	VMOVUPS Y8, (DI)(R11*1)
	VADDPS  Y8, Y12, Y12
	VSUBPS  Y13, Y0, Y0
	VFMADD231PS Y0, Y8, Y11

	ADDQ R8, R11
	DECQ R9
	JNZ  row

	FOLD(Y10, X10, DSTEP)
	FOLD(Y9, X9, DMAX)
	MOVQ sumG_base+168(FP), R10
	LEAQ (R10)(AX*2), R10
	FLUSH(Y12, X12, R10)
	MOVQ sumGX_base+192(FP), R10
	LEAQ (R10)(AX*2), R10
	FLUSH(Y11, X11, R10)

	ADDQ $32, AX
	SUBQ $8, BX
	JNZ  column

	TOTALSD(DSTEP, dStep+280(FP))
	TOTALSD(DMAX, dMax+288(FP))
	VZEROUPPER
	RET
