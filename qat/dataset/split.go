package dataset

import (
	"math/bits"
	"math/rand/v2"
	"slices"
)

// heldOneIn is the share of the training images that is held out: 5,000 of 60,000.
const heldOneIn = 12

// splitSeed and the class seed the choice of held images. It belongs to the definition of the
// split: results on Held can be compared between runs and versions only while it stays.
const splitSeed = 0x6865_6c64_2d6f_7574

// stratify divides the images with the given labels into those to learn from and total held out,
// so that every class gives the same share of its images. Shares that are no whole number are
// rounded by largest remainder, ties to the lower class. Each class keeps one image to learn from.
// Both lists are ascending.
func stratify[L byte | int32](labels []L, classes, total int) (train, held []int32) {
	members := make([][]int32, classes)
	for i, l := range labels {
		members[l] = append(members[l], int32(i))
	}
	quota := quotas(members, total)
	for c, images := range members {
		permute(rand.NewPCG(splitSeed, uint64(c)), images)
		held = append(held, images[:quota[c]]...)
		train = append(train, images[quota[c]:]...)
	}
	slices.Sort(train)
	slices.Sort(held)
	return train, held
}

// quotas divides total among the classes in proportion to their images.
func quotas(members [][]int32, total int) []int {
	n := 0
	for _, images := range members {
		n += len(images)
	}
	quota := make([]int, len(members))
	order := make([]int, len(members))
	given := 0
	for c, images := range members {
		quota[c] = len(images) * total / n
		order[c] = c
		given += quota[c]
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return len(members[b])*total%n - len(members[a])*total%n
	})
	for _, c := range order[:total-given] {
		quota[c]++
	}
	for c, images := range members {
		quota[c] = min(quota[c], len(images)-1)
	}
	return quota
}

// permute shuffles by Fisher and Yates. It draws from the generator itself and not through
// rand.Rand, whose use of a source may change between Go versions; PCG is fixed for good.
func permute(source *rand.PCG, list []int32) {
	for i := len(list) - 1; i > 0; i-- {
		j := below(source, uint64(i+1))
		list[i], list[j] = list[j], list[i]
	}
}

// below draws a number under n without bias. Lemire, "Fast random integer generation in an
// interval", ACM TOMACS 29(1), 2019.
func below(source *rand.PCG, n uint64) uint64 {
	high, low := bits.Mul64(source.Uint64(), n)
	if low < n {
		for reject := -n % n; low < reject; {
			high, low = bits.Mul64(source.Uint64(), n)
		}
	}
	return high
}
