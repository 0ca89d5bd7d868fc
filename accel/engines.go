package accel

import "dse/accel/unit"

// Engines say how tiles flow through an accelerator that runs a layer as a loop over tiles on engines
// of their own for loading, computing and storing, fed by commands of the host. Latencies are those of
// single requests; with InFlight of them on the way one passes every latency / InFlight (Little's law).
// The zero value says nothing: no such description.
type Engines struct {
	// A pass streams rows through the array once. PassesInFlight of them are between issue and the
	// writing of their sums, which takes PassLatency beyond the skew of the array.
	PassesInFlight int
	PassLatency    unit.Cycles
	LeastPass      unit.Cycles // a shorter pass takes as long
	// Sharpness of the overlap between engines that are coupled by short queues. Engines with times a, b
	// together take (a^s + b^s)^(1/s), the longer of both as s grows.
	Sharpness float64
	// Requests are powers of two of the bus's width up to Request, aligned to their size.
	Request       unit.Bytes
	Bus           int     // bits per cycle
	BusEfficiency float64 // share of cycles in which the bus moves data while requests wait for it
	InFlight      int
	HitLatency    unit.Cycles // per line that the cache holds
	MissLatency   unit.Cycles // per line that it does not
	JumpLatency   unit.Cycles // more than that where the line before it in memory is not wanted
	// Writes go one row of the array at a time.
	WriteLatency     unit.Cycles
	WriteMissLatency unit.Cycles // more than that where results do not stay in the cache, per line
	WriteConflict    unit.Cycles // more than that for a row in the line of the row before
	// Cache lies between the accelerator and DRAM, with lines of Request bytes.
	Cache     unit.Bytes
	CacheWays int
	// Time of the host for the commands of one tile, of a convolution and of a matrix product, and
	// for each tile size that its library tries.
	TileSetup    unit.Cycles
	ProductSetup unit.Cycles
	TilingStep   unit.Cycles
}

// Described says whether there is a description.
func (e *Engines) Described() bool { return e.Request > 0 }

// checkEngines wants a description to be whole.
func (r *reader) checkEngines(a *Accelerator) {
	e := &a.Engines
	if !r.all("engines.request", "engines.bus", "engines.cache", "engines.cache_ways") {
		return
	}
	if !e.Described() {
		if e.Bus > 0 || e.Cache > 0 {
			r.contradict("engines.request", "give the size of the largest request, such as 64 B, or remove the section",
				"engines are described without engines.request")
		}
		return
	}
	if e.Bus < 8 || int64(e.Request)*8%int64(e.Bus) != 0 {
		r.contradict("engines.request", "write a multiple of what the bus moves per cycle",
			"engines.request of %v is no multiple of engines.bus, %d bit", e.Request, e.Bus)
	}
	if set := int64(e.Request) * int64(e.CacheWays); int64(e.Cache)%set != 0 || powerOfTwo(int64(e.Cache)/set, "") != nil {
		r.contradict("engines.cache", "write a power of two of sets, each of cache_ways lines of request bytes",
			"engines.cache of %v is no power of two of sets of %d x %v", e.Cache, e.CacheWays, e.Request)
	}
}
