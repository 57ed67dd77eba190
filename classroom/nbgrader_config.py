"""What nbgrader is told about this course. It is read in the course's folder, wherever that is put."""

from pathlib import Path
from typing import Any

from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    DeduplicateIds,
    IncludeHeaderFooter,
    InstantiateTests,
    LockCells,
    OverwriteCells,
    OverwriteKernelspec,
    SaveCells,
)

c = get_config()  # noqa: F821 (nbgrader gives this file the function)
here = Path(__file__).resolve().parent

c.CourseDirectory.course_id = "lessonconv"
c.CourseDirectory.root = str(here)


# Learners get the series' own stubs: three dots, or a listing to mend.
class HandOutListings(ClearSolutions):
    """Where an exercise's cell brings a listing along, that is what learners get in the solution's place."""

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> Any:
        listing = cell.metadata.pop("listing", None)
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if listing is not None:
            cell.source = listing
        return cell, resources


c.ClearSolutions.code_stub = {"python": "..."}
c.GenerateAssignment.preprocessors = [
    IncludeHeaderFooter,
    InstantiateTests,
    LockCells,
    HandOutListings,  # instead of ClearSolutions
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,  # again: the hidden tests are gone
    CheckCellMetadata,
]

# The longest cell takes about 15 seconds on two quiet cores. A cell that takes longer than this gets no points; the
# next ones are run all the same.
c.Execute.timeout = 300

# Files that a learning platform hands back, such as ada_04_gradient_of_the_weights.ipynb: up to the first underscore
# stands whose it is.
c.FileNameCollectorPlugin.named_regexp = (
    r".*?(?P<student_id>[^/\\_]+)_(?:[^/\\]*_)?(?P<file_id>\d\d_[a-z][^/\\]*)\.ipynb$"
)

# Where `release_assignment` puts and `collect` finds things. For several accounts on one machine, name a folder here
# that all of them may write to.
c.Exchange.root = str(here / "exchange")
c.Exchange.cache = str(here / "exchange" / "cache")


class RestoreCells(OverwriteCells):
    """Undo what was done to the cells that grade, and put those that were lost at the end.

    nbgrader's own way looks for the cell above, and fails where that is lost too: in a notebook that was copied cell by
    cell, say, or saved by a program that knows nothing of nbgrader. A lost cell would have no points to export.
    """

    def add_missing_grade_cells(self, nb: Any, resources: Any) -> Any:
        source = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        cells = {cell.name: cell for cell in source.source_cells}
        present = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nb.cells}
        for lost in source.grade_cells:
            if lost.name not in present:
                nb.cells.append(self.missing_cell_transform(cells[lost.name], lost.max_score))
        return nb, resources


c.RestoreCells.add_missing_cells = True
c.Autograde.sanitize_preprocessors = [
    ClearOutput,
    DeduplicateIds,
    OverwriteKernelspec,
    RestoreCells,  # instead of OverwriteCells
    CheckCellMetadata,
]
