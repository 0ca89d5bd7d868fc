//go:build !noasm

#include "textflag.h"

// Backward pass of the normalisation, activation and fake-quantization; see epilogue.go. Eight channels
// are the lanes of one column, and a column is followed through all rows, so that the sums over the rows
// stay in registers. They are added to the sums in float64 at the end of the column.

// Scalars of the surrogate atanh. ln(r) is taken as k*ln2 + f*P(f) with r = 2^k*(1+f), 1+f in
// [sqrt(1/2), sqrt(2)). P is the polynomial of degree 6 that interpolates ln(1+f)/f at Chebyshev points;
// f*P(f) is within 5e-7 of ln(1+f).
DATA atanhTable<>+0(SB)/4, $0x3f800000   // 1
DATA atanhTable<>+4(SB)/4, $0x3f3504f3   // sqrt(1/2)
DATA atanhTable<>+8(SB)/4, $1.9
DATA atanhTable<>+12(SB)/4, $0.6931471805599453   // ln 2
DATA atanhTable<>+16(SB)/4, $0.11657806143449854  // P: f^6
DATA atanhTable<>+20(SB)/4, $-0.18573840134017477
DATA atanhTable<>+24(SB)/4, $0.20525443619694228
DATA atanhTable<>+28(SB)/4, $-0.2492033626466395
DATA atanhTable<>+32(SB)/4, $0.3331356328616606
DATA atanhTable<>+36(SB)/4, $-0.5000087739481975
DATA atanhTable<>+40(SB)/4, $1.0000010273533488   // f^0
DATA atanhTable<>+44(SB)/4, $0.13647921020469876  // 1/(4*atanh(0.95)), as atanh(z) = ln((1+z)/(1-z))/2
GLOBL atanhTable<>(SB), RODATA|NOPTR, $48

// Vectors in the frame.
#define ACTLO   0(SP)
#define ACTHI   32(SP)
#define LO      64(SP)
#define HI      96(SP)
#define STEP    128(SP)
#define DELTA   160(SP)
#define ABS     192(SP)  // all bits but the sign
#define SIGNED  224(SP)  // all bits if the quantizer is signed, else none
#define DSTEP   256(SP)  // four float64 sums
#define DMAX    288(SP)
#define ATANH   320(SP)  // the table, each entry over a vector

#define SPREADSS(source, slot) \
	VBROADCASTSS source, Y0  \
	VMOVUPS      Y0, slot

// Spreads entry i of the table at R10.
#define SPREADATANH(i) SPREADSS((4*i)(R10), (320+32*i)(SP))

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

// func epilogueBackwardAVX2(g1, dy, x, residual, scale, shift, mean []float32, sumG, sumGX []float64, rows, cols, ld int, p Epilogue) (dStep, dMax float64)
//
//	DI  g1          R8   4*ld                  AX  offset of the column in the rows
//	SI  dy          R9   rows left             BX  columns left
//	DX  x           R10  table, sums           R12 p.Quantize
//	CX  residual    R11  offset in the row     R13 p.Surrogate
//
//	Y9 sum dMax    Y10 sum dStep    Y11 sum g1*(x-mean)    Y12 sum g1    Y13 mean    Y14 shift    Y15 scale
TEXT ·epilogueBackwardAVX2(SB), NOSPLIT, $704-288
	MOVQ    g1_base+0(FP), DI
	MOVQ    dy_base+24(FP), SI
	MOVQ    x_base+48(FP), DX
	MOVQ    residual_base+72(FP), CX
	MOVQ    cols+224(FP), BX
	MOVQ    ld+232(FP), R8
	SHLQ    $2, R8
	MOVBLZX p_Quantize+248(FP), R12
	MOVLQSX p_Quantizer_Surrogate+264(FP), R13

	SPREADSS(p_ActLo+240(FP), ACTLO)
	SPREADSS(p_ActHi+244(FP), ACTHI)
	SPREADSS(p_Quantizer_Step+252(FP), STEP)
	SPREADSS(p_Quantizer_Delta+268(FP), DELTA)
	SPREADSS(p_Quantizer_Max+256(FP), HI)
	VPCMPEQD Y2, Y2, Y2
	VPSRLD   $1, Y2, Y3
	VMOVUPS  Y3, ABS
	VXORPS   Y1, Y1, Y1
	VMOVUPD  Y1, DSTEP
	VMOVUPD  Y1, DMAX
	CMPB     p_Quantizer_Signed+260(FP), $0
	JNE      signed
	VMOVUPS  Y1, LO
	VMOVUPS  Y1, SIGNED
	JMP      table

signed:
	VSUBPS  Y0, Y1, Y1
	VMOVUPS Y1, LO
	VMOVUPS Y2, SIGNED

table:
	LEAQ atanhTable<>(SB), R10
	SPREADATANH(0)
	SPREADATANH(1)
	SPREADATANH(2)
	SPREADATANH(3)
	SPREADATANH(4)
	SPREADATANH(5)
	SPREADATANH(6)
	SPREADATANH(7)
	SPREADATANH(8)
	SPREADATANH(9)
	SPREADATANH(10)
	SPREADATANH(11)
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

	VMAXPS   ACTLO, Y1, Y2
	VMINPS   ACTHI, Y2, Y2             // h
	VMAXPS   LO, Y2, Y3
	VMINPS   HI, Y3, Y3
	VDIVPS   STEP, Y3, Y3              // u
	VROUNDPS $0, Y3, Y4
	VSUBPS   Y4, Y3, Y4                // e
	VFNMADD231PS Y4, Y8, Y10           // dStep -= g*e

	VMOVAPS Y8, Y6                     // STE: g*s = g
	CMPQ    R13, $1
	JLT     saturation
	VMOVAPS Y4, Y5                     // EWGS: phi = e
	JEQ     surrogate

	// ATanh: phi = ln((1+z)/(1-z))/(4*atanh(0.95)), z = 1.9e
	VMULPS  (320+32*2)(SP), Y4, Y5
	VMOVUPS (320+32*0)(SP), Y7
	VADDPS  Y5, Y7, Y4
	VSUBPS  Y5, Y7, Y5
	VDIVPS  Y5, Y4, Y4                 // r
	VPSUBD  (320+32*1)(SP), Y4, Y5
	VPSRAD  $23, Y5, Y5                // k
	VPSLLD  $23, Y5, Y6
	VPSUBD  Y6, Y4, Y4                 // r/2^k, in [sqrt(1/2), sqrt(2))
	VCVTDQ2PS Y5, Y5
	VSUBPS  Y7, Y4, Y4                 // f
	VMOVUPS (320+32*4)(SP), Y6
	VFMADD213PS (320+32*5)(SP), Y4, Y6
	VFMADD213PS (320+32*6)(SP), Y4, Y6
	VFMADD213PS (320+32*7)(SP), Y4, Y6
	VFMADD213PS (320+32*8)(SP), Y4, Y6
	VFMADD213PS (320+32*9)(SP), Y4, Y6
	VFMADD213PS (320+32*10)(SP), Y4, Y6
	VMULPS  (320+32*3)(SP), Y5, Y5
	VFMADD231PS Y4, Y6, Y5             // ln r
	VMULPS  (320+32*11)(SP), Y5, Y5

surrogate:
	VMULPS DELTA, Y5, Y5
	VANDPS ABS, Y8, Y6
	VMULPS Y6, Y5, Y5                  // q = delta*phi*|g|
	VADDPS Y5, Y8, Y6                  // g*s = g + q
	VFNMADD231PS Y5, Y3, Y10           // dStep -= q*u

saturation:
	VCMPPS  $0x1d, HI, Y2, Y7          // h >= xmax
	VCMPPS  $0x12, LO, Y2, Y4          // h <= lo
	VANDPS  Y6, Y7, Y3
	VADDPS  Y3, Y9, Y9                 // dMax += g*s above
	VANDPS  Y6, Y4, Y3
	VANDPS  SIGNED, Y3, Y3
	VSUBPS  Y3, Y9, Y9                 // dMax -= g*s below, if signed
	VORPS   Y7, Y4, Y4
	VANDNPS Y6, Y4, Y8                 // gradient of h

activation:
	VCMPPS  $0x1e, ACTLO, Y1, Y2       // v > ActLo
	VCMPPS  $0x11, ACTHI, Y1, Y3       // v < ActHi
	VANDPS  Y2, Y3, Y2
	VANDPS  Y2, Y8, Y8                 // g1
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

	TOTALSD(DSTEP, dStep+272(FP))
	TOTALSD(DMAX, dMax+280(FP))
	VZEROUPPER
	RET
