"""Chapter 01, convolution or correlation."""

from lessonconv.exercises.question import Choice, Number, Option, right

QUESTIONS = {
    "polynomial": Number(
        given="Multiply 1 + 2t by 3 + 4t + 5t².",
        ask="What stands before t² in the result?",
        answer=13,
        wrong={
            5: "That is 1·5t². There is another pair whose exponents add up to 2.",
            8: "That is 2t·4t. There is another pair whose exponents add up to 2.",
            10: "2t·5t² makes 10t³: look at the exponents, they add up.",
            18: "That adds 5, 8 and 5: which pairs are they? Each number of the first row meets 5 once.",
            36: "That is all six products together, (1 + 2)·(3 + 4 + 5). Only some of them make t².",
        },
        explanation="Two pairs have exponents that add up to 2: 1·5t² and 2t·4t, so 5 + 8 = 13. To multiply "
        "polynomials is to sort all products by the sum of their exponents, and to add up what falls together.",
    ),
    "point": Choice(
        given="An image is 0 everywhere, but for a single 1 somewhere in the middle. A 3×3 kernel slides over it, as "
        "in the layers of networks: it is not turned. No two of its taps are alike.",
        ask="What do you see in the output?",
        options=(
            Option(
                "The kernel, as it stands",
                "That is what the true convolution leaves behind, and the reason why one may like it better.",
            ),
            Option(
                "A single number: the kernel's middle tap",
                "Nine windows cover the 1, so nine outputs are not 0.",
            ),
            right(
                "The kernel, turned by 180°",
                "A window further to the right sees the 1 further to the left, through an earlier tap.",
            ),
            Option(
                "The kernel, mirrored from left to right",
                "Half of it: the same happens from top to bottom.",
            ),
        ),
        explanation="When the window moves on by one, the 1 lies one cell further back in it. So while you walk "
        "through the outputs from left to right, you meet the taps from right to left; and from bottom to top as well. "
        "Turn the kernel first, and the two turns cancel: that is the true convolution.",
    ),
    "turn": Choice(
        given="The rows of a kernel are 1 2 3, then 4 5 6, then 7 8 9. Turn it by 180°.",
        ask="What is its first row now?",
        options=(
            Option("7 8 9", "That is the kernel upside down: its rows have changed places, its columns have not."),
            right("9 8 7", "Everything is read from the end: rows and columns both."),
            Option("3 2 1", "That is the kernel in a mirror: its columns have changed places, its rows have not."),
            Option(
                "1 4 7", "That is the transposed kernel: it is mirrored along its diagonal, and 1 stays where it is."
            ),
            Option("7 4 1", "That is a quarter turn. A half turn is two of these."),
        ),
        explanation="To turn by 180° is to mirror both ways, one after the other: w[::-1, ::-1]. Transposing is "
        "another thing: it changes the shape of a kernel that is not square, and no turn by 180° does that.",
    ),
    "sobel": Choice(
        given="The Sobel kernel has the rows −1 0 1, then −2 0 2, then −1 0 1: an edge is positive where it gets "
        "brighter to the right. Now somebody gives it to a function that truly convolves.",
        ask="What becomes of the picture of edges?",
        options=(
            Option(
                "Nothing changes",
                "So it is for a kernel that looks the same when it is turned. Turn this one: where is its −2 now?",
            ),
            Option(
                "The picture is turned by 180°",
                "Only the kernel is turned. The window still goes over the image from left to right.",
            ),
            Option(
                "It shows the edges from top to bottom",
                "That would be the transposed kernel: its rows have become columns.",
            ),
            right(
                "Every sign changes",
                "Turned, this kernel is the same with a minus in front: brighter to the right is negative now.",
            ),
        ),
        explanation="A kernel that is minus itself when it is turned gives minus the picture. One that is itself gives "
        "the same picture. All others give another picture. So a wrong turn can go by unnoticed for a long time: try "
        "a function with a kernel that has no symmetry at all.",
    ),
    "learned": Choice(
        given="Two layers learn from the same images and the same answers, by gradient descent. One slides its kernel "
        "as it is, the other turns it first. Both begin with a kernel of zeros.",
        ask="What do you find when they have learned?",
        options=(
            Option(
                "Both have the same kernel, and the second one makes mistakes",
                "Gradient descent does not leave it at that: it works on what the layer computes, turn and all.",
            ),
            right(
                "Both make the same outputs, and the second kernel is the first one turned",
                "Training finds whatever makes the outputs right. If the layer turns it, it finds the turned one.",
            ),
            Option(
                "The second one learns more slowly, for it has to find the turn",
                "The turn is no number to be learned. Each tap gets its gradient, only at another place in the kernel.",
            ),
            Option(
                "The kernels have nothing to do with each other",
                "They begin alike, and at each step they are pushed by the same numbers, at turned places.",
            ),
        ),
        explanation="If the second kernel is the first one turned, both layers compute the same, so the loss is the "
        "same, and the gradient of the second kernel is the gradient of the first one, turned. After a step, the "
        "second kernel is the first one turned again. So it stays to the end: turning what is learned "
        "changes nothing but where the numbers lie. Networks leave the turn out.",
    ),
    "twice": Number(
        given="A 3×3 kernel blurs a photograph, and another 3×3 kernel finds edges in what the first one has made. No "
        "padding.",
        ask="One kernel does the same in a single step. How many taps has it?",
        answer=25,
        wrong={
            9: "That would be so if an output saw 3×3 cells of the photograph. It sees 3×3 cells that see 3×3 cells "
            "themselves.",
            18: "Both kernels have 9 taps; but what they do one after the other is not done by laying them side by "
            "side.",
            36: "Six in a row would be 3 + 3. Windows of 3 that begin at 0, 1 and 2 end at 2, 3 and 4: how many cells "
            "are that?",
            81: "There are 81 pairs of taps; but many pairs read the same cell of the photograph, and add up.",
        },
        explanation="Three neighbouring windows of 3 cover 5 cells: 3 + 3 − 1. So it is a kernel of 5×5. Tap k of the "
        "one and tap l of the other read the cell k + l: 81 pairs, sorted by the sum of their indices, like dice.",
    ),
    "order": Choice(
        given="First blur, then find edges with the Sobel kernel. Or first find edges, then blur what you have found. "
        "No padding.",
        ask="How do the two pictures differ?",
        options=(
            right("Not at all", "Both are made by one and the same kernel of 5×5."),
            Option(
                "The second one is smoother, for it was blurred last",
                "Blur comes last there, but edges of a blurred picture are just as smooth.",
            ),
            Option(
                "Their signs are opposite",
                "A sign would change if a kernel were turned. Which of them is turned when you exchange their order?",
            ),
            Option(
                "They differ in places: correlation is not commutative",
                "It is not: exchanging image and kernel turns the result. Here two kernels change places, and the one "
                "kernel that does both is their convolution, which is commutative.",
            ),
        ),
        explanation="Whichever comes first, the one kernel that does the same has Σ w1[k]·w2[l] over all pairs with "
        "k + l = m: the same pairs. Put anything between the two filters that is not a filter, such as a ReLU, and "
        "the order matters.",
    ),
}
