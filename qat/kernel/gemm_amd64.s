//go:build !noasm

#include "textflag.h"

// Register tiles of the matrix product, AVX2 and FMA. See gemm.go for the blocking around them.
//
// Registers of all four functions:
//
//	AX  first element of A of the tile       R13  A in the loop over k; then a row of C
//	BX  ars in bytes                         R14  B in the loop over k
//	CX  acs in bytes                         SI   terms of the sum left
//	DX  first element of B                   DI   tiles left
//	R8  ldb in bytes                         R11  3*ars
//	R9  first element of C of the tile       R12  5*ars
//	R10 ldc in bytes                         R15  A at row 6 (8x8: row 4) in the loop over k

#define LOADARGS \
	MOVQ  tiles+0(FP), DI    \
	MOVQ  a_base+16(FP), AX  \
	MOVQ  ars+40(FP), BX     \
	MOVQ  acs+48(FP), CX     \
	MOVQ  b_base+56(FP), DX  \
	MOVQ  ldb+80(FP), R8     \
	MOVQ  c_base+88(FP), R9  \
	MOVQ  ldc+112(FP), R10   \
	SHLQ  $2, BX             \
	SHLQ  $2, CX             \
	SHLQ  $2, R8             \
	SHLQ  $2, R10            \
	LEAQ  (BX)(BX*2), R11    \
	LEAQ  (BX)(BX*4), R12

// Two rows of a wide tile: element e0 of A times the 16 elements of B in Y12 and Y13, and e1 likewise.
#define ROWS16(e0, e1, c00, c01, c10, c11) \
	VBROADCASTSS e0, Y14          \
	VBROADCASTSS e1, Y15          \
	VFMADD231PS  Y12, Y14, c00    \
	VFMADD231PS  Y13, Y14, c01    \
	VFMADD231PS  Y12, Y15, c10    \
	VFMADD231PS  Y13, Y15, c11

// Two rows of a narrow tile: the 8 elements of B are in Y12.
#define ROWS8(e0, e1, c0, c1) \
	VBROADCASTSS e0, Y14       \
	VBROADCASTSS e1, Y15       \
	VFMADD231PS  Y12, Y14, c0  \
	VFMADD231PS  Y12, Y15, c1

#define STEP16 \
	VMOVUPS (R14), Y12   \
	VMOVUPS 32(R14), Y13

#define NEXT(loop) \
	ADDQ CX, R13  \
	ADDQ R8, R14  \
	DECQ SI       \
	JNZ  loop

#define ZERO4(a, b, c, d) \
	VXORPS a, a, a  \
	VXORPS b, b, b  \
	VXORPS c, c, c  \
	VXORPS d, d, d

#define ADD16(c0, c1) \
	VADDPS (R13), c0, c0    \
	VADDPS 32(R13), c1, c1  \
	ADDQ   R10, R13

#define STORE16(c0, c1) \
	VMOVUPS c0, (R13)    \
	VMOVUPS c1, 32(R13)  \
	ADDQ    R10, R13

#define ADD8(c) \
	VADDPS (R13), c, c  \
	ADDQ   R10, R13

#define STORE8(c) \
	VMOVUPS c, (R13)  \
	ADDQ    R10, R13

// func tiles6x16AVX2(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)
TEXT ·tiles6x16AVX2(SB), NOSPLIT, $0-121
	LOADARGS

tile:
	MOVQ k+8(FP), SI
	MOVQ AX, R13
	MOVQ DX, R14
	ZERO4(Y0, Y1, Y2, Y3)
	ZERO4(Y4, Y5, Y6, Y7)
	ZERO4(Y8, Y9, Y10, Y11)

term:
	STEP16
	ROWS16((R13), (R13)(BX*1), Y0, Y1, Y2, Y3)
	ROWS16((R13)(BX*2), (R13)(R11*1), Y4, Y5, Y6, Y7)
	ROWS16((R13)(BX*4), (R13)(R12*1), Y8, Y9, Y10, Y11)
	NEXT(term)

	MOVQ R9, R13
	CMPB accumulate+120(FP), $0
	JEQ  store
	ADD16(Y0, Y1)
	ADD16(Y2, Y3)
	ADD16(Y4, Y5)
	ADD16(Y6, Y7)
	ADD16(Y8, Y9)
	ADD16(Y10, Y11)
	MOVQ R9, R13

store:
	STORE16(Y0, Y1)
	STORE16(Y2, Y3)
	STORE16(Y4, Y5)
	STORE16(Y6, Y7)
	STORE16(Y8, Y9)
	STORE16(Y10, Y11)
	MOVQ R13, R9            // six rows down
	LEAQ (AX)(R11*2), AX
	DECQ DI
	JNZ  tile
	VZEROUPPER
	RET

// func tiles4x16AVX2(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)
TEXT ·tiles4x16AVX2(SB), NOSPLIT, $0-121
	LOADARGS

tile:
	MOVQ k+8(FP), SI
	MOVQ AX, R13
	MOVQ DX, R14
	ZERO4(Y0, Y1, Y2, Y3)
	ZERO4(Y4, Y5, Y6, Y7)

term:
	STEP16
	ROWS16((R13), (R13)(BX*1), Y0, Y1, Y2, Y3)
	ROWS16((R13)(BX*2), (R13)(R11*1), Y4, Y5, Y6, Y7)
	NEXT(term)

	MOVQ R9, R13
	CMPB accumulate+120(FP), $0
	JEQ  store
	ADD16(Y0, Y1)
	ADD16(Y2, Y3)
	ADD16(Y4, Y5)
	ADD16(Y6, Y7)
	MOVQ R9, R13

store:
	STORE16(Y0, Y1)
	STORE16(Y2, Y3)
	STORE16(Y4, Y5)
	STORE16(Y6, Y7)
	MOVQ R13, R9            // four rows down
	LEAQ (AX)(BX*4), AX
	DECQ DI
	JNZ  tile
	VZEROUPPER
	RET

// func tiles12x8AVX2(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)
TEXT ·tiles12x8AVX2(SB), NOSPLIT, $0-121
	LOADARGS

tile:
	MOVQ k+8(FP), SI
	MOVQ AX, R13
	LEAQ (AX)(R11*2), R15
	MOVQ DX, R14
	ZERO4(Y0, Y1, Y2, Y3)
	ZERO4(Y4, Y5, Y6, Y7)
	ZERO4(Y8, Y9, Y10, Y11)

term:
	VMOVUPS (R14), Y12
	ROWS8((R13), (R13)(BX*1), Y0, Y1)
	ROWS8((R13)(BX*2), (R13)(R11*1), Y2, Y3)
	ROWS8((R13)(BX*4), (R13)(R12*1), Y4, Y5)
	ROWS8((R15), (R15)(BX*1), Y6, Y7)
	ROWS8((R15)(BX*2), (R15)(R11*1), Y8, Y9)
	ROWS8((R15)(BX*4), (R15)(R12*1), Y10, Y11)
	ADDQ CX, R15
	NEXT(term)

	MOVQ R9, R13
	CMPB accumulate+120(FP), $0
	JEQ  store
	ADD8(Y0)
	ADD8(Y1)
	ADD8(Y2)
	ADD8(Y3)
	ADD8(Y4)
	ADD8(Y5)
	ADD8(Y6)
	ADD8(Y7)
	ADD8(Y8)
	ADD8(Y9)
	ADD8(Y10)
	ADD8(Y11)
	MOVQ R9, R13

store:
	STORE8(Y0)
	STORE8(Y1)
	STORE8(Y2)
	STORE8(Y3)
	STORE8(Y4)
	STORE8(Y5)
	STORE8(Y6)
	STORE8(Y7)
	STORE8(Y8)
	STORE8(Y9)
	STORE8(Y10)
	STORE8(Y11)
	MOVQ R13, R9            // twelve rows down
	LEAQ (AX)(R11*4), AX
	DECQ DI
	JNZ  tile
	VZEROUPPER
	RET

// func tiles8x8AVX2(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)
TEXT ·tiles8x8AVX2(SB), NOSPLIT, $0-121
	LOADARGS

tile:
	MOVQ k+8(FP), SI
	MOVQ AX, R13
	LEAQ (AX)(BX*4), R15
	MOVQ DX, R14
	ZERO4(Y0, Y1, Y2, Y3)
	ZERO4(Y4, Y5, Y6, Y7)

term:
	VMOVUPS (R14), Y12
	ROWS8((R13), (R13)(BX*1), Y0, Y1)
	ROWS8((R13)(BX*2), (R13)(R11*1), Y2, Y3)
	ROWS8((R15), (R15)(BX*1), Y4, Y5)
	ROWS8((R15)(BX*2), (R15)(R11*1), Y6, Y7)
	ADDQ CX, R15
	NEXT(term)

	MOVQ R9, R13
	CMPB accumulate+120(FP), $0
	JEQ  store
	ADD8(Y0)
	ADD8(Y1)
	ADD8(Y2)
	ADD8(Y3)
	ADD8(Y4)
	ADD8(Y5)
	ADD8(Y6)
	ADD8(Y7)
	MOVQ R9, R13

store:
	STORE8(Y0)
	STORE8(Y1)
	STORE8(Y2)
	STORE8(Y3)
	STORE8(Y4)
	STORE8(Y5)
	STORE8(Y6)
	STORE8(Y7)
	MOVQ R13, R9            // eight rows down
	LEAQ (AX)(BX*8), AX
	DECQ DI
	JNZ  tile
	VZEROUPPER
	RET
