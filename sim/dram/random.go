package dram

// Random is a requester of blocks at random places: reads or writes of BlockBytes (at least one
// burst) each, at multiples of their size inside SpanBytes from Base.
type Random struct {
	Base         uint64
	SpanBytes    uint64
	Blocks       int
	BlockBytes   uint64
	WritePercent int
	// Numbers gives the k-th random number. Block i lies at number 2i modulo the count of places, and
	// is written if number 2i+1 modulo 100 is below WritePercent.
	Numbers func(k uint64) uint64
}

// Hashed numbers are the splitmix64 finaliser (Steele, Lea, Flood, OOPSLA 2014) of k.
func Hashed(k uint64) uint64 { return finalise(k + gamma) }

// Sequence returns the numbers that a splitmix64 generator yields from a seed.
func Sequence(seed uint64) func(k uint64) uint64 {
	return func(k uint64) uint64 { return finalise(seed + (k+1)*gamma) }
}

// gamma is the odd number nearest 2^64 divided by the golden ratio.
const gamma = 0x9E3779B97F4A7C15

func finalise(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// randomSource yields the requests of a Random.
type randomSource struct {
	r      *Random
	bytes  uint64 // of a burst
	size   uint64 // of a block in bursts
	places uint64 // that a block may take
	i      int    // block
	k      uint64 // burst of the block
	start  uint64 // address of the block
	write  bool
}

var _ Source = (*randomSource)(nil)

func newRandomSource(d *Device, r *Random) randomSource {
	bytes := uint64(d.BurstBytes())
	size := max(1, r.BlockBytes/bytes)
	return randomSource{r: r, bytes: bytes, size: size, places: max(1, r.SpanBytes/(size*bytes))}
}

// Fill implements Source.
func (s *randomSource) Fill(buf []Request) int {
	n := 0
	for n < len(buf) && s.i < s.r.Blocks {
		if s.k == 0 {
			s.start = s.r.Base + s.r.Numbers(2*uint64(s.i))%s.places*s.size*s.bytes
			s.write = s.r.Numbers(2*uint64(s.i)+1)%100 < uint64(s.r.WritePercent)
		}
		buf[n] = Request{Addr: s.start + s.k*s.bytes, Write: s.write}
		n++
		if s.k++; s.k == s.size {
			s.i, s.k = s.i+1, 0
		}
	}
	return n
}
