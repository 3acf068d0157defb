from incubator.common.sheets.command import LoadCommand
from investors.firms.loaders import TagLoader


class Command(LoadCommand):
    help = "Load the list of technologies from a CSV or XLSX file."
    loader_class = TagLoader
