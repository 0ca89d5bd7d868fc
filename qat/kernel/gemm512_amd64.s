//go:build !noasm

#include "textflag.h"

// Register tiles of the matrix product, AVX-512. The registers are those of gemm_amd64.s, with a row
// of a 32-column tile in two vectors and one of a 16-column tile in one. The terms of a sum are added
// in the same order there and here, so the results agree to the bit.

#define LOADARGS512 \
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

#define ZERO4Z(a, b, c, d) \
	VPXORD a, a, a  \
	VPXORD b, b, b  \
	VPXORD c, c, c  \
	VPXORD d, d, d

// Two rows of a 32-column tile: the elements of B are in Z24 and Z25.
#define ROWS32(e0, e1, c00, c01, c10, c11) \
	VBROADCASTSS e0, Z26          \
	VBROADCASTSS e1, Z27          \
	VFMADD231PS  Z24, Z26, c00    \
	VFMADD231PS  Z25, Z26, c01    \
	VFMADD231PS  Z24, Z27, c10    \
	VFMADD231PS  Z25, Z27, c11

// Two rows of a 16-column tile: the elements of B are in Z24.
#define ROWS16Z(e0, e1, c0, c1) \
	VBROADCASTSS e0, Z26         \
	VBROADCASTSS e1, Z27         \
	VFMADD231PS  Z24, Z26, c0    \
	VFMADD231PS  Z24, Z27, c1

#define NEXT512(loop) \
	ADDQ CX, R13  \
	ADDQ CX, R15  \
	ADDQ R8, R14  \
	DECQ SI       \
	JNZ  loop

#define ADD32(c0, c1) \
	VADDPS (R13), c0, c0    \
	VADDPS 64(R13), c1, c1  \
	ADDQ   R10, R13

#define STORE32(c0, c1) \
	VMOVUPS c0, (R13)    \
	VMOVUPS c1, 64(R13)  \
	ADDQ    R10, R13

#define ADD16Z(c) \
	VADDPS (R13), c, c  \
	ADDQ   R10, R13

#define STORE16Z(c) \
	VMOVUPS c, (R13)  \
	ADDQ    R10, R13

// func tiles12x32AVX512(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)
TEXT ·tiles12x32AVX512(SB), NOSPLIT, $0-121
	LOADARGS512

tile:
	MOVQ k+8(FP), SI
	MOVQ AX, R13
	LEAQ (AX)(R11*2), R15
	MOVQ DX, R14
	ZERO4Z(Z0, Z1, Z2, Z3)
	ZERO4Z(Z4, Z5, Z6, Z7)
	ZERO4Z(Z8, Z9, Z10, Z11)
	ZERO4Z(Z12, Z13, Z14, Z15)
	ZERO4Z(Z16, Z17, Z18, Z19)
	ZERO4Z(Z20, Z21, Z22, Z23)

term:
	VMOVUPS (R14), Z24
	VMOVUPS 64(R14), Z25
	ROWS32((R13), (R13)(BX*1), Z0, Z1, Z2, Z3)
	ROWS32((R13)(BX*2), (R13)(R11*1), Z4, Z5, Z6, Z7)
	ROWS32((R13)(BX*4), (R13)(R12*1), Z8, Z9, Z10, Z11)
	ROWS32((R15), (R15)(BX*1), Z12, Z13, Z14, Z15)
	ROWS32((R15)(BX*2), (R15)(R11*1), Z16, Z17, Z18, Z19)
	ROWS32((R15)(BX*4), (R15)(R12*1), Z20, Z21, Z22, Z23)
	NEXT512(term)

	MOVQ R9, R13
	CMPB accumulate+120(FP), $0
	JEQ  store
	ADD32(Z0, Z1)
	ADD32(Z2, Z3)
	ADD32(Z4, Z5)
	ADD32(Z6, Z7)
	ADD32(Z8, Z9)
	ADD32(Z10, Z11)
	ADD32(Z12, Z13)
	ADD32(Z14, Z15)
	ADD32(Z16, Z17)
	ADD32(Z18, Z19)
	ADD32(Z20, Z21)
	ADD32(Z22, Z23)
	MOVQ R9, R13

store:
	STORE32(Z0, Z1)
	STORE32(Z2, Z3)
	STORE32(Z4, Z5)
	STORE32(Z6, Z7)
	STORE32(Z8, Z9)
	STORE32(Z10, Z11)
	STORE32(Z12, Z13)
	STORE32(Z14, Z15)
	STORE32(Z16, Z17)
	STORE32(Z18, Z19)
	STORE32(Z20, Z21)
	STORE32(Z22, Z23)
	MOVQ R13, R9            // twelve rows down
	LEAQ (AX)(R11*4), AX
	DECQ DI
	JNZ  tile
	VZEROUPPER
	RET

// func tiles8x32AVX512(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)
TEXT ·tiles8x32AVX512(SB), NOSPLIT, $0-121
	LOADARGS512

tile:
	MOVQ k+8(FP), SI
	MOVQ AX, R13
	LEAQ (AX)(BX*4), R15
	MOVQ DX, R14
	ZERO4Z(Z0, Z1, Z2, Z3)
	ZERO4Z(Z4, Z5, Z6, Z7)
	ZERO4Z(Z8, Z9, Z10, Z11)
	ZERO4Z(Z12, Z13, Z14, Z15)

term:
	VMOVUPS (R14), Z24
	VMOVUPS 64(R14), Z25
	ROWS32((R13), (R13)(BX*1), Z0, Z1, Z2, Z3)
	ROWS32((R13)(BX*2), (R13)(R11*1), Z4, Z5, Z6, Z7)
	ROWS32((R15), (R15)(BX*1), Z8, Z9, Z10, Z11)
	ROWS32((R15)(BX*2), (R15)(R11*1), Z12, Z13, Z14, Z15)
	NEXT512(term)

	MOVQ R9, R13
	CMPB accumulate+120(FP), $0
	JEQ  store
	ADD32(Z0, Z1)
	ADD32(Z2, Z3)
	ADD32(Z4, Z5)
	ADD32(Z6, Z7)
	ADD32(Z8, Z9)
	ADD32(Z10, Z11)
	ADD32(Z12, Z13)
	ADD32(Z14, Z15)
	MOVQ R9, R13

store:
	STORE32(Z0, Z1)
	STORE32(Z2, Z3)
	STORE32(Z4, Z5)
	STORE32(Z6, Z7)
	STORE32(Z8, Z9)
	STORE32(Z10, Z11)
	STORE32(Z12, Z13)
	STORE32(Z14, Z15)
	MOVQ R13, R9            // eight rows down
	LEAQ (AX)(BX*8), AX
	DECQ DI
	JNZ  tile
	VZEROUPPER
	RET

// func tiles12x16AVX512(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)
TEXT ·tiles12x16AVX512(SB), NOSPLIT, $0-121
	LOADARGS512

tile:
	MOVQ k+8(FP), SI
	MOVQ AX, R13
	LEAQ (AX)(R11*2), R15
	MOVQ DX, R14
	ZERO4Z(Z0, Z1, Z2, Z3)
	ZERO4Z(Z4, Z5, Z6, Z7)
	ZERO4Z(Z8, Z9, Z10, Z11)

term:
	VMOVUPS (R14), Z24
	ROWS16Z((R13), (R13)(BX*1), Z0, Z1)
	ROWS16Z((R13)(BX*2), (R13)(R11*1), Z2, Z3)
	ROWS16Z((R13)(BX*4), (R13)(R12*1), Z4, Z5)
	ROWS16Z((R15), (R15)(BX*1), Z6, Z7)
	ROWS16Z((R15)(BX*2), (R15)(R11*1), Z8, Z9)
	ROWS16Z((R15)(BX*4), (R15)(R12*1), Z10, Z11)
	NEXT512(term)

	MOVQ R9, R13
	CMPB accumulate+120(FP), $0
	JEQ  store
	ADD16Z(Z0)
	ADD16Z(Z1)
	ADD16Z(Z2)
	ADD16Z(Z3)
	ADD16Z(Z4)
	ADD16Z(Z5)
	ADD16Z(Z6)
	ADD16Z(Z7)
	ADD16Z(Z8)
	ADD16Z(Z9)
	ADD16Z(Z10)
	ADD16Z(Z11)
	MOVQ R9, R13

store:
	STORE16Z(Z0)
	STORE16Z(Z1)
	STORE16Z(Z2)
	STORE16Z(Z3)
	STORE16Z(Z4)
	STORE16Z(Z5)
	STORE16Z(Z6)
	STORE16Z(Z7)
	STORE16Z(Z8)
	STORE16Z(Z9)
	STORE16Z(Z10)
	STORE16Z(Z11)
	MOVQ R13, R9            // twelve rows down
	LEAQ (AX)(R11*4), AX
	DECQ DI
	JNZ  tile
	VZEROUPPER
	RET

// func tiles8x16AVX512(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)
TEXT ·tiles8x16AVX512(SB), NOSPLIT, $0-121
	LOADARGS512

tile:
	MOVQ k+8(FP), SI
	MOVQ AX, R13
	LEAQ (AX)(BX*4), R15
	MOVQ DX, R14
	ZERO4Z(Z0, Z1, Z2, Z3)
	ZERO4Z(Z4, Z5, Z6, Z7)

term:
	VMOVUPS (R14), Z24
	ROWS16Z((R13), (R13)(BX*1), Z0, Z1)
	ROWS16Z((R13)(BX*2), (R13)(R11*1), Z2, Z3)
	ROWS16Z((R15), (R15)(BX*1), Z4, Z5)
	ROWS16Z((R15)(BX*2), (R15)(R11*1), Z6, Z7)
	NEXT512(term)

	MOVQ R9, R13
	CMPB accumulate+120(FP), $0
	JEQ  store
	ADD16Z(Z0)
	ADD16Z(Z1)
	ADD16Z(Z2)
	ADD16Z(Z3)
	ADD16Z(Z4)
	ADD16Z(Z5)
	ADD16Z(Z6)
	ADD16Z(Z7)
	MOVQ R9, R13

store:
	STORE16Z(Z0)
	STORE16Z(Z1)
	STORE16Z(Z2)
	STORE16Z(Z3)
	STORE16Z(Z4)
	STORE16Z(Z5)
	STORE16Z(Z6)
	STORE16Z(Z7)
	MOVQ R13, R9            // eight rows down
	LEAQ (AX)(BX*8), AX
	DECQ DI
	JNZ  tile
	VZEROUPPER
	RET
