"""Chapter 07, pooling."""

from lessonconv.exercises.question import Choice, Number, Option, right

QUESTIONS = {
    "nudge": Choice(
        given="A window holds 7, 3, 2 and 0. One pool takes its maximum, 7, the other its mean, 3. Now the cell with "
        "the 3 grows by 1.",
        ask="By how much do the maximum and the mean grow?",
        options=(
            Option("1 and 1", "That is what a sum would do. Is 7 still the largest? And by what is the mean divided?"),
            Option("0 and 1", "The mean is 3, but not because of the 3: it is 12/4. What is 13/4?"),
            Option(
                "¼ and ¼",
                "So it is for the mean. The maximum does not share: a 4 is still beaten by the 7, and by all of it.",
            ),
            right("0 and ¼", "The 7 is still the largest, and the sum of four cells grew by 1."),
            Option(
                "1 and 0",
                "The other way round: the maximum hears only the largest cell, the mean hears every cell.",
            ),
        ),
        explanation="These two numbers are the derivatives of the outputs by this cell. Of the maximum it is 0 for "
        "every cell but the largest, and 1 for that. Of the mean it is ¼ for each of the four, whatever stands there.",
    ),
    "total": Choice(
        given="Four windows of 2×2 lie side by side. The gradients of their outputs, ∂L/∂z, are 2, 8, 4 and 6: "
        "together 20. Both pools hand them back to the 16 cells of the input.",
        ask="What do all 16 cells of ∂L/∂x add up to, for the maximum and for the mean?",
        options=(
            right("20 and 20", "Neither layer makes gradient, and neither loses any."),
            Option(
                "20 and 80",
                "That is without the division: every cell gets the whole gradient of its window, four times over.",
            ),
            Option(
                "20 and 5", "Each cell gets a quarter of its window's gradient. But there are four of them in a window."
            ),
            Option("5 and 20", "The winner does not share with the three others: it gets all of the gradient."),
            Option(
                "80 and 20",
                "That is if every cell of a window were handed what the winner gets. Three of four get nothing.",
            ),
        ),
        explanation="Raise all cells by 1. Every maximum rises by 1, every mean rises by 1, so L grows by 2 + 8 + 4 + "
        "6 in both cases. And raising all cells by 1 is adding up all of ∂L/∂x. It is a good first check of any "
        "pooling code: what came in must go out.",
    ),
    "peak": Number(
        given="A 7×7 input is flat but for one peak in its middle, larger than all others. Max pooling, windows of "
        "3×3, stride 1, no padding: the output is 5×5, and all ∂L/∂z are 1.",
        ask="What is the gradient of the peak?",
        answer=9,
        wrong={
            0: "The peak wins every window that it lies in. Each of them hands its gradient over.",
            1: "That is one window's gradient. Count the windows that the peak lies in; or did one overwrite the "
            "others?",
            3: "So it is along one axis. The other one has three, too.",
            25: "There are 25 windows, but not all of them contain the middle.",
            1 / 9: "That is one window's share for the mean. The maximum gives all to the winner.",
        },
        explanation="Nine windows cover the middle, the peak wins them all, and nine gradients add up: +=, not =. With "
        "average pooling, nine windows would bring it a ninth each: 1.",
    ),
    "tie": Choice(
        given="A window of three cells holds 5, 5 and 2, and ∂L/∂z = 1. Which of the two fives was the maximum? There "
        "are many ways to hand the gradient to the three cells.",
        ask="One of these is a mistake, and no matter of taste. Which?",
        options=(
            Option(
                "1, 0, 0",
                "The first gets it: so say PyTorch's max pooling, NumPy's argmax and this series.",
            ),
            Option("0, 1, 0", "The last gets it: as good as the first. Write >= for > in the search, and you have it."),
            right("1, 1, 0", "1 came in, and 2 went out."),
            Option(
                "½, ½, 0",
                "They share. It treats equals equally; PyTorch's amax does so. It costs a count of the winners.",
            ),
            Option("¾, ¼, 0", "Odd, but not wrong: the shares of the winners are not negative, and they add up to 1."),
        ),
        explanation="Raise both fives by 1: the maximum rises by 1, and not by 2. So the shares have to add up to 1. "
        "Any split among the winners that does is right in the only sense that is left at a kink. Handing all of it "
        "to each of them is not, and that is what a mask does that asks where x equals the maximum.",
    ),
    "corner": Choice(
        given="Every cell of a picture is −8. Both pools look at it through windows of 2×2, stride 2, padding 1, with "
        "PyTorch's defaults. The window in the corner lies on one real cell and on three of padding.",
        ask="What do the maximum and the mean say there?",
        options=(
            Option(
                "0 and −2",
                "The mean is right. But no cell of this picture is 0: what was found to be the largest is the frame.",
            ),
            right("−8 and −2", "Padding never wins a maximum, but it does count in this mean."),
            Option(
                "−8 and −8",
                "This is what a reader would like best, and there is a switch for it. It is not the default.",
            ),
            Option("0 and 0", "A window that reads a single −8 should know of it."),
            Option(
                "0 and −8",
                "It is done the other way round: padding is kept out of the maximum, and counted in the mean.",
            ),
        ),
        explanation="For the maximum, padding is −∞: it never wins. A 0 would beat every negative cell at the edge. "
        "For the mean, padding is 0 and it is counted: −8/4 = −2, so that the edges of a mean fade towards 0. With "
        "count_include_pad=False the divisor is the number of real cells, here 1, and the mean is −8.",
    ),
    "shuffle": Choice(
        given="Take a digit, and shuffle the four cells within each window of 2×2. Then pool with these windows.",
        ask="What changes: z, or ∂L/∂x for a given ∂L/∂z?",
        options=(
            Option("z of both pools", "Neither a maximum nor a mean knows in which order its cells came."),
            Option(
                "Only z of the mean",
                "A mean adds up its four cells, in any order the same.",
            ),
            Option(
                "Nothing at all",
                "For the mean that is so. The winner of a window may now stand elsewhere. Where does its gradient go?",
            ),
            right("Only ∂L/∂x of the maximum", "The winners have moved, and the gradients follow them. That is all."),
            Option(
                "∂L/∂x of both pools",
                "The mean gives the same quarter to each cell, so it makes no difference which of them stands where.",
            ),
        ),
        explanation="Both pools throw away where in its window a number stood; that is what they are for. On the way "
        "back the mean does not need it. The maximum does, and so it has to write the places down on the way forward: "
        "that is argmax.",
    ),
    "stripes": Choice(
        given="Stripes, two pixels wide: 0 0 1 1 0 0 1 1, and so on. Max pooling in windows of 2 gives 0 1 0 1. Now "
        "the stripes move by one pixel: 1 0 0 1 1 0 0 1, and so on.",
        ask="What does the pool say now?",
        options=(
            Option(
                "0 1 0 1, as before",
                "That would be invariance: what pooling is praised for. Go through the first two windows.",
            ),
            Option(
                "1 0 1 0: the output moves along", "The input moved by 1, and a step of the output is 2: by a half?"
            ),
            right("1 1 1 1", "Every window now holds a 0 and a 1. The stripes are gone."),
            Option("½ ½ ½ ½", "That is the mean of each window. What is the largest?"),
            Option("0 0 0 0", "Every window now holds a 0 and a 1: which is larger?"),
        ),
        explanation="One pixel, and a pattern of stripes becomes a plain wall. Moves by whole strides come through as "
        "moves of the output; others come through as something else. Pooling softens small moves on the whole, as you "
        "will measure, but it promises nothing.",
    ),
    "global": Number(
        given="The last convolution of a network gives 16 maps of 7×7. A dense layer makes ten answers of all their "
        "numbers, with 16·7·7·10 = 7,840 weights. Now take the mean of each map first, and give only these means to "
        "the dense layer.",
        ask="How many weights are left?",
        answer=160,
        wrong={
            0: "The pool has no weights. The dense layer behind it still has.",
            16: "That is how many numbers come out of the pool. Each goes to ten answers.",
            490: "That keeps the places and forgets the maps. It is the places that the means forget.",
            1120: "The mean is taken over rows and columns: 7·7 numbers become one.",
            7840: "So it was before. How many numbers does the dense layer get now?",
        },
        explanation="16 means, ten answers: 160 weights, a 49th. Each map is asked how much of its pattern there is in "
        "the picture, and not where. Whatever the size of the picture, there are 16 means.",
    ),
}
