"""The sentence of each thing that can be wrong with a cell, a row or a file that is brought in: what to do about it.

Must never know which file it was: the row and the column stand beside the sentence.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from server import language
from sync.problem import sentence
from sync.records import SENTENCES

_SAID = {
    "not_by_cell": sentence("This cannot be written into a cell. Leave it out."),
    "not_a_number": sentence("“%(value)s” is not a number. Write digits alone, like 1250 or 1,5."),
    "two_readings": sentence("“%(value)s” can be read in two ways. Write “%(one)s”, or “%(other)s” for decimals."),
    "not_a_day": sentence("“%(value)s” is not a day. Write day, month, year, like 20/11/2026."),
    "not_yes_or_no": sentence("“%(value)s” is neither yes nor no. Write x, có or không."),
    "not_in_list": sentence("“%(value)s” is not in the list. Write the name as the app has it, or its code."),
    "two_of_this_name": sentence("Several are called “%(value)s”. Write the code: %(codes)s."),
    "formula": sentence("A formula without its result. Open the file in a spreadsheet, save it, and bring it again."),
    "formula_error": sentence("The formula gives an error (%(value)s). Mend it in the spreadsheet."),
    "merged": sentence("This cell is merged with %(cell)s. Unmerge it, and fill in each row."),
    "empty": sentence("This must not be empty."),
    "twice_in_file": sentence("Row %(row)s says the same. Take one out, or give both a code of their own."),
    "no_farmer": sentence("There is no household “%(value)s” here. Bring in the households first, or mend the name."),
    "two_farmers": sentence("Several households are called “%(value)s”. Fill in the village or the household's code too."),
    "no_plot": sentence("There is no plot “%(value)s” here. Bring in the plots first, or mend the name."),
    "two_plots": sentence("Several plots are called “%(value)s”. Fill in the household or the plot's code too."),
    "half_a_point": sentence("A point needs both its latitude and its longitude, in degrees, like 21,2361 and 104,0715."),
    "not_here": sentence("This point is not in Vietnam. Are latitude and longitude the wrong way round?"),
    "line": sentence("This is a line and not a shape. Close it into a polygon in the program that drew it."),
    "many_shapes": sentence("Several shapes in one (%(count)s). Part them: one row for each."),
    "no_shape": sentence("There is no shape here."),
    "no_right": sentence("You have no right to this in that area any more."),
    "code_taken": sentence("This code stands for “%(name)s” already. Choose another one."),
    "code_reserved": sentence("Codes that begin with X- are those of Nương itself. Choose another one."),
    "name_taken": sentence("There is an entry of this name already: %(code)s. Change that one, or choose another name."),
    "name_stays": sentence("The diary holds this name (%(name)s). Retire this product, and add another one."),
    "weight_stays": sentence(
        "What was weighed with it would weigh something else. Retire this unit (%(kg)s kg), and add another one."
    ),
    "not_crop_and_days": sentence("“%(value)s” is no crop with its days. Write it like: Chè: 14; Cà phê chè: 7."),
    "bad_shape": sentence("This shape cannot be read: its corners are no numbers, or fewer than three."),
}  # fmt: skip


# Where the page asks for the file's decimal mark.
_SAID_OF_A_FILE = {
    "two_readings": sentence(
        "“%(value)s” can be read as %(one)s or as %(other)s. Say above which mark is the decimal one."
    ),
}


def say(code: str, params: Mapping[str, Any], *, mark_is_asked: bool = False) -> str:
    """The sentence of *code* in the reader's language. A code of the declarations is said as the phone says it."""
    known = {**_SAID, **(_SAID_OF_A_FILE if mark_is_asked else {})}
    if code in known:
        text = str(gettext(known[code]))
        return text % dict(params) if params else text
    return language.say(SENTENCES[code]).format(**params)
