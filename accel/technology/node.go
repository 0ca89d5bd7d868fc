package technology

import (
	"fmt"
	"math"

	"dse/accel/unit"
)

// Node is a process node, as factors to 45 nm.
type Node struct {
	energy float64 // of the same gate's switching
	area   float64 // of the same layout
}

// scaling lists the nodes that the rule is published for.
//
// Source: A. Stillmaker, B. Baas, "Scaling equations for the accurate prediction of CMOS device
// performance from 180 nm to 7 nm", Integration 58 (2017): polynomials of the supply voltage for
// energy, a table for area (its row of 45 nm). The supplies are the nominal ones of the Predictive
// Technology Models that the polynomials were fitted to.
var scaling = []struct {
	nm                       int
	volts                    float64
	square, linear, absolute float64 // energy factor = square V^2 + linear V + absolute
	area                     float64
}{
	{130, 1.3, 7.171, -6.709, 2.904, 6.4},
	{90, 1.2, 4.762, -4.781, 2.092, 2.8},
	{65, 1.1, 3.755, -4.398, 1.975, 1.5},
	{45, 1.0, 1.103, -0.362, 0.2767, 1},
	{32, 0.9, 0.9559, -0.7823, 0.471, 0.46},
	{20, 0.9, 0.373, -0.1582, 0.04104, 0.21},
	{16, 0.85, 0.2958, -0.1241, 0.03024, 0.19},
	{14, 0.8, 0.2363, -0.09675, 0.02239, 0.17},
	{10, 0.75, 0.2068, -0.09311, 0.02375, 0.1},
	{7, 0.7, 0.1776, -0.09097, 0.02447, 0.059},
}

// Smallest and Largest bound the nodes that At knows, in nm.
const (
	Smallest = 7
	Largest  = 130
)

// reference is the node that all formulas are made for.
const reference = 45

// Least and most supply that At knows, in V: below, the polynomials of old nodes rise again.
const (
	LowestSupply  = unit.Volt(0.6)
	HighestSupply = unit.Volt(1.5)
)

// At returns a process node run at a supply voltage; 0 stands for the nominal one. Between published nodes, factors are
// interpolated linearly in the logarithms of node and factor. SRAM is taken to scale as logic does,
// which is optimistic below 16 nm.
func At(nm int, supply unit.Volt) (Node, error) {
	if nm < Smallest || nm > Largest {
		return Node{}, fmt.Errorf("a node of %d nm is outside the published scaling of %d to %d nm", nm, Smallest, Largest)
	}
	if supply != 0 && (supply < LowestSupply || supply > HighestSupply) {
		return Node{}, fmt.Errorf("a supply of %v is outside the published scaling of %v to %v", supply, LowestSupply, HighestSupply)
	}
	i := 1
	for scaling[i].nm > nm {
		i++
	}
	above, below := scaling[i-1], scaling[i]
	share := math.Log(float64(above.nm)/float64(nm)) / math.Log(float64(above.nm)/float64(below.nm))
	between := func(a, b float64) float64 { return a * math.Pow(b/a, share) }
	return Node{
		energy: between(switching(i-1, supply), switching(i, supply)) / switching(referenceIndex(), 0),
		area:   between(above.area, below.area),
	}, nil
}

// switching returns the energy factor of a published node.
func switching(i int, supply unit.Volt) float64 {
	s, v := scaling[i], float64(supply)
	if v == 0 {
		v = s.volts
	}
	return s.square*v*v + s.linear*v + s.absolute
}

func referenceIndex() int {
	i := 0
	for scaling[i].nm != reference {
		i++
	}
	return i
}

// pJ brings an energy of 45 nm to the node.
func (n Node) pJ(at45 float64) unit.Picojoule { return unit.Picojoule(at45 * n.energy) }

// um2 brings an area of 45 nm, in um2, to the node.
func (n Node) um2(at45 float64) unit.SquareMillimetre {
	return unit.SquareMillimetre(at45 * n.area / 1e6)
}
