from incubator.common.sheets.command import LoadCommand
from investors.firms.loaders import HoldingLoader


class Command(LoadCommand):
    help = "Load holdings of firms from a CSV or XLSX file."
    loader_class = HoldingLoader
