// Package bench measures the search's algorithms on test problems whose ideal fronts are known.
package bench

import "math"

// Problem is a test problem. Its variables lie in [0, 1]; problems that are stated on other boxes map
// them. All objectives are minimised.
type Problem struct {
	Name      string
	Variables int
	Evaluate  func(x []float64) []float64
	// Near is the usual worst corner of the hypervolume, just behind the ideal front; Wide one that
	// most random points are better than, for budgets too small to come close to the front.
	Near, Wide Corner
}

// Corner is a reference point and the hypervolume of the whole ideal front within it.
type Corner struct {
	Point []float64
	Ideal float64
}

// Problems returns ZDT1 to ZDT4 and ZDT6 (Zitzler, Deb, Thiele, Evolutionary Computation 8(2), 2000;
// ZDT5 is on strings of bits) and DTLZ2 with three objectives (Deb, Thiele, Laumanns, Zitzler,
// CEC 2002).
func Problems() []Problem {
	convex := func(f1 float64) float64 { return 1 - math.Sqrt(f1) }
	concave := func(f1 float64) float64 { return 1 - f1*f1 }
	waves := func(f1 float64) float64 { return 1 - math.Sqrt(f1) - f1*math.Sin(10*math.Pi*f1) }
	// The second objective of random points lies below 10, in ZDT4 below about 200.
	return []Problem{
		zdt("ZDT1", 30, zdt1, front{0, convex}, 11),
		zdt("ZDT2", 30, zdt2, front{0, concave}, 11),
		zdt("ZDT3", 30, zdt3, front{0, waves}, 11),
		zdt("ZDT4", 10, zdt4, front{0, convex}, 220),
		zdt("ZDT6", 10, zdt6, front{zdt6Least, concave}, 11),
		{Name: "DTLZ2", Variables: 12, Evaluate: dtlz2, Near: overSphere(1.1), Wide: overSphere(2.5)},
	}
}

// front is an ideal front f2 = at(f1) for f1 from least to 1.
type front struct {
	least float64
	at    func(f1 float64) float64
}

func zdt(name string, variables int, f func([]float64) []float64, ideal front, wide float64) Problem {
	return Problem{
		Name: name, Variables: variables, Evaluate: f,
		Near: ideal.within(1.1, 1.1), Wide: ideal.within(1.1, wide),
	}
}

// within integrates the area between the front and a corner. Where the front rises, its least value so
// far counts.
func (f front) within(c1, c2 float64) Corner {
	const steps = 200_000
	area, best, width := 0.0, math.Inf(1), (1-f.least)/steps
	for i := range steps {
		best = min(best, f.at(f.least+(float64(i)+0.5)*width))
		area += (c2 - best) * width
	}
	return Corner{[]float64{c1, c2}, area + (c1-1)*(c2-best)}
}

// overSphere is a corner over the eighth of the unit sphere that is the ideal front of DTLZ2.
func overSphere(c float64) Corner {
	return Corner{[]float64{c, c, c}, c*c*c - math.Pi/6}
}

// The functions below follow the sources in form and name. In all ZDT problems g = 1 on the front.

func zdt1(x []float64) []float64 {
	g := meanG(x)
	return []float64{x[0], g * (1 - math.Sqrt(x[0]/g))}
}

func zdt2(x []float64) []float64 {
	g := meanG(x)
	return []float64{x[0], g * (1 - x[0]/g*x[0]/g)}
}

func zdt3(x []float64) []float64 {
	g := meanG(x)
	return []float64{x[0], g * (1 - math.Sqrt(x[0]/g) - x[0]/g*math.Sin(10*math.Pi*x[0]))}
}

// meanG is the g of ZDT1 to ZDT3.
func meanG(x []float64) float64 { return 1 + 9*mean(x[1:]) }

// zdt4 has 21^9 local fronts. Its other variables lie in [-5, 5].
func zdt4(x []float64) []float64 {
	g := 1 + 10*float64(len(x)-1)
	for _, v := range x[1:] {
		v = 10*v - 5
		g += v*v - 10*math.Cos(4*math.Pi*v)
	}
	return []float64{x[0], g * (1 - math.Sqrt(x[0]/g))}
}

func zdt6(x []float64) []float64 {
	f1 := zdt6First(x[0])
	g := 1 + 9*math.Pow(mean(x[1:]), 0.25)
	return []float64{f1, g * (1 - f1/g*f1/g)}
}

func zdt6First(x float64) float64 {
	return 1 - math.Exp(-4*x)*math.Pow(math.Sin(6*math.Pi*x), 6)
}

// zdt6Least is the least value of zdt6First, where its derivative is 0 first:
// tan(6 pi x) = 9 pi.
var zdt6Least = zdt6First(math.Atan(9*math.Pi) / (6 * math.Pi))

func dtlz2(x []float64) []float64 {
	g := 0.0
	for _, v := range x[2:] {
		g += (v - 0.5) * (v - 0.5)
	}
	a, b := x[0]*math.Pi/2, x[1]*math.Pi/2
	return []float64{(1 + g) * math.Cos(a) * math.Cos(b), (1 + g) * math.Cos(a) * math.Sin(b), (1 + g) * math.Sin(a)}
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}
