"""Chapter 04, the gradient of the weights."""

from lessonconv.exercises.question import Choice, Number, Option, right

QUESTIONS = {
    "products": Number(
        given="A 5×5 input, a 3×3 kernel, stride 2, no padding: the output is 2×2. Take one tap, w[2,1].",
        ask="How many products will its gradient ∂L/∂w[2,1] be made of?",
        answer=4,
        wrong={
            1: "One product for one use; but the kernel slides, and the tap is used again at every place where it "
            "stops.",
            2: "The tap meets x in two rows and in two columns: count the pairs.",
            9: "Nine is how many products make one output (the taps), or how many outputs there were with stride 1. "
            "Here one tap looks at all the outputs.",
            25: "That is every cell of x. The tap moves in steps of 2, and the kernel must stay inside: it never "
            "sees most of them.",
            36: "That is all meetings of the layer, 4 outputs with 9 taps each. The nine taps share them evenly.",
        },
        explanation="Each output used the tap once. So there is one product for each of the four outputs: what that "
        "output asks for, ∂L/∂z, times the cell of x that the tap met there. The size of the kernel does not matter, "
        "nor the size of the input, only how often the tap was used.",
    ),
    "linear": Choice(
        given="When w[2,1] rose by 1, L grew by 7, which is just its gradient. Now raise w[2,1] by 10.",
        ask="By how much does L grow?",
        options=(
            Option(
                "By 7",
                "The gradient is a slope, 7 for each unit that the weight rises; what L gains depends on how far you "
                "go.",
            ),
            right("By 70, exactly", "Each z changes in proportion to w, and this L adds the z up, each with a factor."),
            Option(
                "By about 70, but not exactly",
                "In general that is the right caution: a gradient speaks of small steps. But a curve is needed for "
                "an error to arise, and between w and this L there is none.",
            ),
            Option(
                "Nobody can say: a gradient holds for tiny steps only",
                "It promises something for tiny steps only. Whether it keeps the promise further on depends on how "
                "much L bends, and this L does not bend at all.",
            ),
        ),
        explanation="A convolution is linear in its weights, and this L is linear in z. A real loss bends, and so "
        "does an activation: there the gradient is only true for a little step, and a gradient check nudges by about "
        "0.00001.",
    ),
    "corner": Number(
        given="A 3×3 kernel slides over a 5×5 input with stride 1 and no padding. Look at the corner, x[0,0].",
        ask="In the gradients of how many of the nine taps does x[0,0] occur?",
        answer=1,
        wrong={
            0: "The corner is read: the kernel's first stop covers it.",
            4: "That would be so with padding 1, where the kernel can hang over the edge. Without padding it has to "
            "stay inside.",
            9: "True for a cell in the middle: there every tap comes by. But for w[2,2] to lie on the corner, the "
            "rest of the kernel would have to lie outside of the picture.",
        },
        explanation="Only w[0,0], at the kernel's first stop. Each tap sees its own part of the input, the part that "
        "it can reach while the whole kernel stays inside: here 3×3 cells, shifted by the tap's place. Nine taps, "
        "nine overlapping parts, and the corner is in one of them.",
    ),
    "padding": Number(
        given="All cells of a 5×5 input are 1, and all ∂L/∂z are 1. The kernel is 3×3, stride 1, padding 1, so the "
        "output is 5×5 too.",
        ask="What is the gradient of the tap in the kernel's corner, ∂L/∂w[0,0]?",
        answer=16,
        wrong={
            0: "The tap lies in the padding for some outputs, but not for all of them.",
            9: "That is without padding, where there are only 3×3 outputs.",
            20: "That is a tap in the middle of a side: it misses one row, or one column. The corner misses both.",
            24: "You took one output away. How many outputs have this tap in the padding? A whole row and a whole "
            "column.",
            25: "That is the tap in the middle, which meets a real cell at every output. The padding is 0, not 1.",
        },
        explanation="For the outputs in the top row and in the left column the tap lies in the padding: 9 of the 25. "
        "What it meets there is 0, and 0 times any ∂L/∂z teaches it nothing. 25 − 9 = 16. The kernel's outer taps "
        "learn from fewer places than the one in the middle.",
    ),
    "flat": Choice(
        given="The input is perfectly flat: every cell of x is 1. Stride 1, no padding, any ∂L/∂z.",
        ask="What do the nine gradients ∂L/∂w look like?",
        options=(
            Option(
                "All zero: there is nothing to see in a flat image",
                "A flat image is not an empty one. Where x is 1, a larger weight makes a larger output.",
            ),
            Option(
                "A small picture of ∂L/∂z",
                "The gradient of the kernel has the kernel's shape. Each of its cells is a sum over all of ∂L/∂z.",
            ),
            Option(
                "Largest in the middle, smaller towards the edge",
                "So it is with padding, where the outer taps meet zeros at some outputs. Here there is none.",
            ),
            right(
                "All nine alike, and equal to the gradient of the bias",
                "Every tap meets a 1 at every output, as the bias does.",
            ),
        ),
        explanation="∂L/∂w[k,l] is the sum of ∂L/∂z·x over all outputs. With x = 1 nothing is left but the sum of "
        "∂L/∂z: nine times the same number, and also ∂L/∂b. What tells the taps apart is that they see different "
        "cells. From a flat image a kernel cannot learn any shape.",
    ),
    "correlation": Choice(
        given="For stride 1, ∂L/∂w is found by sliding ∂L/∂z over x. Now the forward pass has stride 2.",
        ask="How does ∂L/∂z have to meet x now?",
        options=(
            Option(
                "It slides in steps of 2",
                "It is tempting to hand the stride on. But the step from one position to the next is the step from "
                "one tap to the next, and taps still lie next to each other.",
            ),
            right(
                "It slides in steps of 1, with its cells spread 2 apart",
                "Neighbouring outputs met x two cells apart, so two cells apart they have to lie.",
            ),
            Option(
                "It is turned by 180° first",
                "Nothing turned on the way forward, and k enters the index i·s + k with the same sign as i. The turn "
                "waits in the next chapter, for ∂L/∂x.",
            ),
            Option(
                "As before: the stride is already in the shape of ∂L/∂z",
                "The shape says how many outputs there are, but not which cells they read.",
            ),
        ),
        explanation="Tap k and output i meet at input i·s + k. In the forward pass i takes steps of s and k steps of "
        "1. Now k is what slides, in steps of 1, and i runs inside of the sum, in steps of s. So the forward pass's "
        "stride is the dilation of this correlation, and the other way round.",
    ),
    "bias": Number(
        given="One filter has four outputs, and their gradients ∂L/∂z are 1, −2, 3 and 1. The same bias b is added "
        "to each of them.",
        ask="What is ∂L/∂b?",
        answer=3,
        wrong={
            0.75: "That is their mean. If L is a mean, the 1/N is in ∂L/∂z already; the bias adds up what comes.",
            1: "That is ∂z/∂b, how one output answers to the bias. What is still missing is what L makes of it.",
            4: "That counts the outputs: it is what you get if every ∂L/∂z is 1.",
            7: "That adds them without their signs. An output that wants less pulls against the others.",
            -6: "That multiplies them. Ways on which b reaches L add up.",
        },
        explanation="Raise b by a little, and every output rises by the same. L changes by 1 − 2 + 3 + 1 = 3 times "
        "that: all the voices, added up, with their signs. It is the gradient of a tap that always meets a 1.",
    ),
    "batch": Choice(
        given="The loss is the mean over a batch. Now put every image into the batch twice, so that N doubles.",
        ask="What happens to ∂L/∂w?",
        options=(
            Option(
                "It doubles: the sum over the images has twice as many terms",
                "The terms are twice as many, and that is half of the story. Look at what the mean did to each ∂L/∂z.",
            ),
            Option(
                "It halves: N is twice as large",
                "Each ∂L/∂z halves, and that is half of the story. How many of them does the sum have now?",
            ),
            right("Nothing", "Twice as many terms, each half as large."),
            Option(
                "It depends on the images",
                "The gradient does. But each image is there twice with the very same voice, whatever it shows.",
            ),
        ),
        explanation="The mean in the loss makes each ∂L/∂z half as large, and the sum over n has twice as many of "
        "them. So the 1/N belongs in the loss, once, and the layer adds up. A layer that divides by N again would "
        "learn half as fast from the doubled batch.",
    ),
}
