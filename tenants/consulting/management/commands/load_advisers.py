from incubator.common.sheets.command import LoadCommand
from tenants.consulting.loaders import AdviserLoader


class Command(LoadCommand):
    help = "Load advisers from a CSV or XLSX file."
    loader_class = AdviserLoader
