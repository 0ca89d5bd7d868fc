// Package sim says what a network costs on an accelerator, layer by layer, and how that cost
// changes with each bit.
//
// It is an analytical model: a layer's work is counted in closed form on each resource (array,
// vector unit, memory ports, DRAM), and its duration follows from how these overlap. The equations,
// their sources and what they leave out are in docs/simulator.md. Four properties hold by
// construction, and tests assert them:
//
//   - Fewer bits, more capacity and more bandwidth never make a network slower or dearer. Mappings
//     differ in nothing but their DRAM traffic (see fetch), so that the least traffic is both the
//     least time and the least energy.
//   - Costs are continuous in the widths. Tensors are kept on chip, and tiles kept between sweeps,
//     in fractions; nothing switches from all to nothing.
//   - Run and Price evaluate the same functions, so they agree bit for bit at whole widths.
//   - Parts sum to the whole, see Result.Check.
//
// The method of a layer is told in layer.go, that of the network in plan.go, that of the
// derivatives in gradient.go.
package sim
